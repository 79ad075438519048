// Opens pages of `gardener report` in Chromium: at three widths, light and dark, and as print. Ends with 1
// where a page says something to the console, asks for anything, is wider than its window, or where axe
// finds anything. Pictures of all go into the folder of the pages.
//
//     node check.mjs ../../target/page

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import puppeteer from 'puppeteer-core';

const WIDTHS = [360, 768, 1280];
const SCHEMES = ['light', 'dark'];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = resolve(process.argv[2] ?? '.');
const pages = readdirSync(folder).filter((name) => name.endsWith('.html')).sort();
let found = 0;
const say = (where, what) => {
    console.error(`${where}: ${what}`);
    found += 1;
};

const browser = await puppeteer.launch({
    executablePath: process.env.GARDENER_CHROMIUM ?? '/usr/bin/chromium',
    // It opens files that we made, also as root in a container.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--hide-scrollbars', '--force-prefers-reduced-motion'],
});

/** A page of its own, whose console and requests are listened to. */
async function open(address, where, width, scheme) {
    const page = await browser.newPage();
    page.on('console', (message) => say(where, `console: ${message.text()}`));
    page.on('pageerror', (error) => say(where, `error: ${error}`));
    page.on('request', (request) => {
        if (request.url() !== address) say(where, `request: ${request.url().slice(0, 200)}`);
    });
    await page.setViewport({ width, height: width < 500 ? 740 : 900, deviceScaleFactor: 1 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.goto(address, { waitUntil: 'load' });
    return page;
}

/** What axe finds, with every line that can be opened open or shut. */
async function judge(page, where) {
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    if (passes.length < 10) say(where, 'axe judged next to nothing');
    for (const { id, help, nodes } of violations) {
        say(where, `axe: ${id}: ${help}: ${nodes.slice(0, 3).map((n) => `${n.html.slice(0, 120)} ${n.any.map((a) => a.message).join(' ').slice(0, 200)}`).join(' | ')}`);
    }
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** A page with a mistake of each kind: a judge that finds nothing in it is none. */
async function probe() {
    const before = found;
    const html = '<meta http-equiv=Content-Security-Policy content="default-src \'none\'"><img src="https://example.invalid/x.png"><table width=3000><tr><td>x</table>';
    const quiet = console.error;
    const said = [];
    console.error = (text) => said.push(text);
    const page = await open(`data:text/html,${encodeURIComponent(html)}`, 'probe', 360, 'light');
    await judge(page, 'probe').catch(() => {});
    if ((await sideways(page)) > 0) said.push('sideways');
    await page.close();
    console.error = quiet;
    found = before;
    for (const kind of ['console', 'axe: html-has-lang', 'sideways']) {
        if (!said.some((line) => line.includes(kind))) say('probe', `no ${kind} was noticed`);
    }
}

await probe();
for (const name of pages) {
    const address = pathToFileURL(join(folder, name)).href;
    for (const width of WIDTHS) {
        for (const scheme of SCHEMES) {
            const where = `${name} ${width} ${scheme}`;
            const page = await open(address, where, width, scheme);
            const picture = (more) => join(folder, `${name.replace('.html', '')}-${width}-${scheme}${more}.png`);
            await page.screenshot({ path: picture(''), fullPage: true });
            if ((await sideways(page)) > 0) say(where, 'the page is wider than its window');
            await judge(page, where);
            await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
            if ((await sideways(page)) > 0) say(where, 'the page is wider than its window when all is open');
            await judge(page, `${where} open`);
            if (name === 'example.html') await page.screenshot({ path: picture('-open'), fullPage: true });
            await page.close();
        }
    }
    const page = await open(address, `${name} print`, 794, 'dark');
    await page.emulateMediaType('print');
    await page.screenshot({ path: join(folder, `${name.replace('.html', '')}-print.png`), fullPage: true });
    await page.emulateMediaType(null);
    await page.pdf({ path: join(folder, `${name.replace('.html', '')}.pdf`), format: 'A4', printBackground: true });
    await page.close();
}
await browser.close();
console.log(`${pages.length} pages at ${WIDTHS.join(', ')} pixels, light and dark: ${found} findings`);
process.exit(found === 0 && pages.length > 0 ? 0 : 1);
