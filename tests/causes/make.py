#!/usr/bin/env python3
"""Makes failures whose causes are known: the ground truth for grouping failures by cause.

    make.py open OUT [--causes a,b]      the half that whoever writes the grouping may look at
    make.py more OUT                     more to work with, in projects of other styles
    make.py frozen OUT                   the half for the last measurement
    make.py daily-open OUT               causes as a CI meets them daily, to work with
    make.py daily-more OUT               more of these, in other projects
    make.py daily-frozen OUT             the same in other projects, for the last measurement
    make.py noise OUT N                  N noisy reruns of some runs of both halves

Needs python3 (3.11), node with npm, cargo with cargo-nextest, and the registries the first time.
Sources are fetched at pinned versions into `target/causes/` and are never committed. What is
written to OUT: the tools' own result files, and `index.json` that says which cause each failure
belongs to. README.md beside this file tells the rules.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent / "target" / "causes"
CAP = 25  # Failures of one cause that count, so that no cause outweighs the others.
SEED = "2026-causes"
WORKERS = 2
FULL = "Resource temporarily unavailable|can't start new thread|os error 11|EAGAIN|unexpectedly panicked"

# What the suites need beside the projects themselves; the tools that run them come first.
PYTHON = """
pytest==9.2.0 pytest-timeout==2.4.0 pytest-random-order==1.2.0 pytest-mock==3.17.0
setuptools==82.0.1 setuptools-scm==10.3.4 flit-core==4.2.0 hatchling==1.33.0 hatch-vcs==0.5.0 wheel==0.46.3
hatch-fancy-pypi-readme==25.1.0 poetry-core==2.5.0
markupsafe==3.0.4 trio==0.35.0 requests==2.34.2 httpx==0.28.1 freezegun==1.5.5 click==8.5.1 watchdog==7.1.0
ephemeral-port-reserve==1.1.4 cryptography==50.0.2 hypothesis==6.170.15 werkzeug==3.1.9
simplejson==3.20.2 wcwidth==0.9.4 pyyaml==6.0.3 redis==8.1.0
""".split()
NODE = """
mocha@10.8.2 jest@29.7.0 jest-junit@16.0.0 tape@5.9.0
""".split()

cargo_lock = threading.Lock()


class Wrong(Exception):
    """A specification that does not fit its project."""


def load(half):
    """The projects and causes of a half, by id."""
    data = tomllib.loads((HERE / f"{half}.toml").read_text(encoding="utf-8"))
    causes = {}
    for cause in data["cause"]:
        cause.setdefault("projects", [cause["project"]] if "project" in cause else [])
        for name in cause["projects"]:
            if name not in data["project"]:
                raise Wrong(f"{cause['id']}: no project {name}")
        if cause["id"] in causes:
            raise Wrong(f"{cause['id']} is there twice")
        causes[cause["id"]] = cause
    return data, causes


def call(command, cwd, env=None, limit=100, tries=3):
    """Runs a command at low priority, again if it hangs; its status (None past the limit) and its output."""
    status, out, err = call_once(command, cwd, env, limit)
    while status in (None, -6) and tries > 1:
        tries -= 1
        time.sleep(2)
        status, out, err = call_once(command, cwd, env, limit)
    return status, out, err


def call_once(command, cwd, env, limit):
    for patience in range(10):
        try:
            return call_now(command, cwd, env, limit)
        except BlockingIOError:  # The table of processes is full.
            time.sleep(1 + patience)
    raise Wrong(f"{command[0]}: the machine is too full")


def call_now(command, cwd, env, limit):
    process = subprocess.Popen(["nice", *map(str, command)], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               encoding="utf-8", errors="replace", start_new_session=True)
    try:
        out, err = process.communicate(timeout=limit)
        return process.returncode, out, err
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        out, err = process.communicate()
        return None, out, err


def must(command, cwd, env=None):
    status, out, err = call(command, cwd, env, limit=560)
    if status != 0:
        raise Wrong(f"{' '.join(map(str, command))}: {status}\n{out[-2000:]}\n{err[-2000:]}")
    return out


# --- fetching -------------------------------------------------------------------------------


def fetch(data):
    """Brings tools and sources to `target/causes/`; what is there already is not fetched again."""
    ROOT.mkdir(parents=True, exist_ok=True)
    python = ROOT / "venv" / "bin" / "python"
    stamp = ROOT / "venv" / "stamp"
    wanted = " ".join(PYTHON)
    if not stamp.exists() or stamp.read_text() != wanted:
        must([sys.executable, "-m", "venv", ROOT / "venv"], ROOT)
        must([python, "-m", "pip", "install", "-q", *PYTHON], ROOT)
        stamp.write_text(wanted)
    of = collections.defaultdict(list)
    for name, project in data["project"].items():
        of[project["from"]].append((name, project))
    for name, project in of["pypi"]:
        if not source(name, project).exists():
            must([python, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "--no-binary", ":all:",
                  "-d", ROOT / "fetch", f"{name}=={project['version']}"], ROOT)
            stem = re.sub(r"[-_.]+", "[-_.]", name)
            archive = next(path for path in (ROOT / "fetch").iterdir()
                           if re.fullmatch(f"{stem}-{re.escape(project['version'])}.tar.gz", path.name, re.I))
            unpack(archive, source(name, project))
    fetch_node(of["npm"])
    fetch_crates(of["crates"])


def fetch_node(projects):
    needs = sorted({*NODE, *(need for _, project in projects for need in project.get("needs", []))})
    stamp = ROOT / "node.stamp"
    have = set(stamp.read_text().split()) if stamp.exists() else set()
    if projects and not have.issuperset(needs):
        (ROOT / "package.json").write_text('{"private": true}')
        must(["npm", "install", "--silent", "--no-save", "--ignore-scripts", *sorted(have | set(needs))], ROOT)
        stamp.write_text(" ".join(sorted(have | set(needs))))
    for name, project in projects:
        if not source(name, project).exists():
            (ROOT / "fetch").mkdir(exist_ok=True)
            out = must(["npm", "pack", "--silent", f"{name}@{project['version']}"], ROOT / "fetch")
            unpack(ROOT / "fetch" / out.split()[-1], source(name, project))


def fetch_crates(projects):
    missing = [(name, project) for name, project in projects if not source(name, project).exists()]
    if not missing:
        return
    scratch = ROOT / "crates"
    (scratch / "src").mkdir(parents=True, exist_ok=True)
    (scratch / "src" / "lib.rs").write_text("")
    lines = [f'{name} = "={project["version"]}"\n' for name, project in projects]
    (scratch / "Cargo.toml").write_text('[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n'
                                        "[dependencies]\n" + "".join(lines))
    (scratch / "Cargo.lock").unlink(missing_ok=True)
    must(["cargo", "fetch", "--quiet"], scratch)
    meta = json.loads(must(["cargo", "metadata", "--format-version", "1", "--offline"], scratch))
    for name, project in missing:
        found = next(package for package in meta["packages"]
                     if package["name"] == name and package["version"] == project["version"])
        target = source(name, project)
        shutil.copytree(pathlib.Path(found["manifest_path"]).parent, target)
        (target / "Cargo.lock").unlink(missing_ok=True)
        # Benchmarks and their heavy dependencies go; the tests stay as they are.
        kept, skip = [], False
        for line in (target / "Cargo.toml").read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                skip = line == "[[bench]]" or bool(re.match(r"\[(target\..*\.)?dev-dependencies\.(criterion|bencher)\]", line))
            if not skip:
                kept.append(line)
        (target / "Cargo.toml").write_text("\n".join([*kept, "", "[workspace]", ""]), encoding="utf-8")


def unpack(archive, target):
    scratch = target.with_name(target.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    must(["tar", "xzf", archive, "-C", scratch, "--strip-components=1", "--no-same-owner"], ROOT)
    scratch.rename(target)


def source(name, project):
    return ROOT / "sources" / f"{name}-{project['version']}"


# --- injecting ------------------------------------------------------------------------------


def place(folder, name, project, causes):
    """Copies a project and makes the mistakes in it; gives the folder and the environment."""
    target = folder / f"{name}-{project['version']}"
    shutil.copytree(source(name, project), target, symlinks=True)
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC", "HOME": str(folder / "home"),
           "TMPDIR": str(folder / "tmp"), "CI": "true"}
    (folder / "home").mkdir(exist_ok=True)
    (folder / "tmp").mkdir(exist_ok=True)
    for cause in causes:
        for edit in cause.get("edits", []):
            path = target / edit["file"]
            text = path.read_text(encoding="utf-8")
            if text.count(edit["find"]) != 1:
                raise Wrong(f"{cause['id']}: {text.count(edit['find'])} places in {edit['file']} for {edit['find']!r}")
            path.write_text(text.replace(edit["find"], edit["put"]), encoding="utf-8")
        for new in cause.get("add", []):
            path = target / new["file"]
            if path.exists():
                raise Wrong(f"{cause['id']}: {new['file']} is there already")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new["text"], encoding="utf-8")
        for more in cause.get("append", []):
            path = target / more["file"]
            path.write_text(path.read_text(encoding="utf-8") + more["text"], encoding="utf-8")
        for gone in cause.get("remove", []):
            path = target / gone
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for key, value in cause.get("env", {}).items():
            env[key] = value.replace("{here}", str(folder))
        for key in cause.get("unset", []):
            env.pop(key, None)
        if cause.get("hide"):
            env["CAUSES_HIDE"] = ",".join([*filter(None, env.get("CAUSES_HIDE", "").split(",")), *cause["hide"]])
    return target, env


# --- running --------------------------------------------------------------------------------


def run(folder, name, project, causes, stem, noise=None):
    """Runs the suites of a project with some mistakes in it; the parts of a run.

    `stem` is the result files' path without its end; `noise` is None or a dictionary with
    `seed` and `skip`, the keys of the tests to leave out.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        target, env = place(folder, name, project, causes)
        suites = project.get("suites") or {"all": project.get("tests", [])}
        parts = []
        for suite, tests in suites.items():
            path = stem.with_name(f"{stem.name}.{suite}")
            tests = list(tests)
            if noise:
                random.Random(noise["seed"]).shuffle(tests)
            for patience in range(6):
                file, form = TOOLS[project["tool"]](target, dict(env), project, tests, path, noise)
                # Where the machine was full, what failed says nothing about the mistake.
                if not re.search(FULL, file.read_text(encoding="utf-8", errors="replace")):
                    break
                time.sleep(3 + patience)
            else:
                raise Wrong(f"{path.name}: the machine is too full")
            parts.append({"project": name, "suite": suite, "tool": project["tool"], "format": form, "file": file,
                          "results": READERS[form](file)})
        return parts
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pytest(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".xml")
    roots = os.pathsep.join([str(HERE / "shim"), str(target / project.get("path", "."))])
    env.update(PYTHONPATH=roots, PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0")
    command = [ROOT / "venv" / "bin" / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=",
               "--continue-on-collection-errors", f"--timeout={project.get('timeout', 5)}", f"--junitxml={file}",
               *project.get("args", [])]
    if noise:
        skip = target.parent / "skip"
        skip.write_text("\n".join(noise["skip"]))
        env.update(PYTHONHASHSEED=str(noise["seed"] % 4096), CAUSES_SKIP=str(skip))
        command += ["-p", "causes_pick", "--random-order", f"--random-order-seed={noise['seed']}"]
    _, out, err = call([*command, *tests], target, env)
    if not file.exists():
        raise Wrong(f"no {file.name}\n{out[-1500:]}\n{err[-1500:]}")
    return file, "junit"


def titles(keys):
    """A pattern of the titles of tests other than these, for mocha and jest."""
    names = [key.partition("::") for key in keys]
    return "^(?!(" + "|".join(re.escape(f"{group} {name}".strip()).replace("/", r"\/") for group, _, name in names) + ")$)"


def mocha(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".xml")
    more = ["--grep", titles(noise["skip"])] if noise and noise["skip"] else []
    call([ROOT / "node_modules" / ".bin" / "mocha", "--timeout", "1000", "--reporter", "xunit", "--reporter-option",
          f"output={file}", *project.get("args", []), *more, *tests], target, env)
    if not file.exists():
        raise Wrong(f"no {file.name}")
    return file, "junit"


def jest(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".xml")
    env.update(JEST_JUNIT_OUTPUT_FILE=str(file), JEST_JUNIT_CLASSNAME="{classname}", JEST_JUNIT_TITLE="{title}",
               JEST_JUNIT_REPORT_TEST_SUITE_ERRORS="true")
    config = '{"testMatch": ["**/*.spec.js"], "testPathIgnorePatterns": ["es2015"]}'
    more = ["-t", titles(noise["skip"])] if noise and noise["skip"] else []
    _, out, err = call([ROOT / "node_modules" / ".bin" / "jest", "--ci", "--rootDir", target, "--config", config,
                        "--cacheDirectory", target.parent / "jest", "--reporters", ROOT / "node_modules" / "jest-junit",
                        *project.get("args", []), *more, *tests], target, env)
    if not file.exists():
        raise Wrong(f"no {file.name}\n{out[-1500:]}\n{err[-1500:]}")
    return file, "junit"


def tape(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".tap")
    _, out, err = call([ROOT / "node_modules" / ".bin" / "tape", *project.get("args", []), *tests], target, env)
    file.write_text(out + err, encoding="utf-8")
    return file, "tap"


def node(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".xml")
    command = ["node", "--test", "--test-reporter=junit", f"--test-reporter-destination={file}", *project.get("args", [])]
    found = sorted(str(one.relative_to(target)) for pattern in tests for one in target.glob(pattern))
    _, out, err = call([*command, *found], target, env)
    if not file.exists():
        raise Wrong(f"no {file.name}\n{out[-1500:]}\n{err[-1500:]}")
    # A file that can't be loaded is told with its whole path, which has to be the same in each run.
    file.write_text(file.read_text(encoding="utf-8").replace(str(target.parent), "/ci"), encoding="utf-8")
    return file, "junit"


def cargo(env):
    home = pathlib.Path(os.environ.get("HOME", "/"))
    env.update(CARGO_HOME=os.environ.get("CARGO_HOME", str(home / ".cargo")), CARGO_TARGET_DIR=str(ROOT / "cargo"),
               RUSTUP_HOME=os.environ.get("RUSTUP_HOME", str(home / ".rustup")), CARGO_TERM_COLOR="never")
    return env


def built(env, project, target):
    """Builds with a temporary folder that is there, whatever the tests shall find."""
    good = dict(env, TMPDIR="/tmp", LANG="C.UTF-8", RUSTFLAGS="")
    # The folder for what is built is shared, and cargo goes by times: else it takes the program
    # that was built from another copy, with another mistake, for this one's.
    for path in target.rglob("*"):
        if path.suffix in (".rs", ".toml"):
            os.utime(path)
    for _ in range(5):
        status, _, err = call(["cargo", "test", "--no-run", *project.get("args", [])], target, good)
        # A compiler that itself breaks down says nothing about the mistake: the machine is too full.
        if status == 0 or not re.search("unexpectedly panicked|signal: |signal 6|temporarily unavailable", err):
            break
        time.sleep(5)
    if status != 0:
        raise Wrong(f"{target.name} does not compile\n{err[-2500:]}")
    return dict(env, RUSTFLAGS="")


def libtest(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".txt")
    more = [part for key in (noise or {}).get("skip", []) for part in ("--skip", key.partition("::")[2])]
    with cargo_lock:
        env = built(cargo(env), project, target)
        # Both streams go to one file, as in the log of a build: cargo names the programs on the second.
        _, out, _ = call(["sh", "-c", 'exec "$@" 2>&1', "sh", "cargo", "test", "--no-fail-fast", *project.get("args", []), *tests, "--",
                          *(["--exact"] if more else []), *more], target, env)
    file.write_text(out, encoding="utf-8")
    return file, "libtest"


def nextest(target, env, project, tests, path, noise):
    file = path.with_suffix(path.suffix + ".xml")
    config = target.parent / "nextest.toml"
    config.write_text(f'[profile.default]\nfail-fast = false\nslow-timeout = {{ period = "5s", terminate-after = 1 }}\n'
                      f"[profile.default.junit]\npath = '{file}'\n")
    more = [part for key in (noise or {}).get("skip", []) for part in ("-E", f"not test(={key.partition('::')[2]})")]
    if more:
        more = ["-E", " and ".join(more[1::2])]
    with cargo_lock:
        env = built(cargo(env), project, target)
        _, out, err = call(["cargo", "nextest", "run", "--config-file", config, *project.get("args", []), *tests, *more],
                           target, env)
    if not file.exists():
        raise Wrong(f"no {file.name}\n{out[-1500:]}\n{err[-1500:]}")
    return file, "junit"


TOOLS = {"pytest": pytest, "mocha": mocha, "jest": jest, "tape": tape, "node": node, "libtest": libtest, "nextest": nextest}


# --- reading --------------------------------------------------------------------------------


def read_junit(file):
    """What failed and all that was told, as (class, name), in the order of the file."""
    failed, told = [], set()
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        key = (case.get("classname", ""), case.get("name", ""))
        told.add(key)
        if (case.find("failure") is not None or case.find("error") is not None) and key not in failed:
            failed.append(key)
    return {"failed": failed, "told": told}


def read_libtest(file):
    failed, told, program = [], set(), ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\s+(?:Running|Doc-tests) (.*?)(?: \(.*\))?$", line):
            program = match[1]
        elif match := re.match(r"test (.*?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)", line):
            key = (program, match[1])
            told.add(key)
            if match[2] == "FAILED":
                failed.append(key)
    return {"failed": failed, "told": told}


def read_tap(file):
    failed, told, comment = [], set(), ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"# (.*)", line):
            comment = match[1]
        elif match := re.match(r"(not ok|ok) \d+ ?-? ?(.*)", line):
            key = (comment, match[2])
            told.add(key)
            if match[1] == "not ok" and not re.search(r"# (TODO|SKIP)", match[2], re.I) and key not in failed:
                failed.append(key)
    return {"failed": failed, "told": told}


READERS = {"junit": read_junit, "libtest": read_libtest, "tap": read_tap}


# --- making a half --------------------------------------------------------------------------


def dice(*words):
    return random.Random(hashlib.sha256(" ".join([SEED, *map(str, words)]).encode()).digest())


def keys(parts, what):
    return {(part["suite"], *key) for part in parts for key in part["results"][what]}


class Alone:
    """How a project fails with one mistake in it, or with none."""

    def __init__(self, parts, base=None):
        self.failed = keys(parts, "failed")
        self.lost = set()
        if base:
            self.failed -= base.failed
            self.lost = base.told - keys(parts, "told")
        self.told = keys(parts, "told")


def learn(half, data, causes, out):
    """Runs each project with no mistake and with each of its mistakes alone."""
    (out / "alone").mkdir(parents=True, exist_ok=True)
    names = sorted({name for cause in causes.values() for name in cause["projects"]})

    def one(name, cause):
        word = cause["id"] if cause else "none"
        stem = out / "alone" / f"{name}.{word}"
        # What was learnt stays until the mistake or the project changes.
        said = json.dumps([name, data["project"][name], cause], sort_keys=True)
        kept = ROOT / "alone" / hashlib.sha256(said.encode()).hexdigest()[:16]
        if not (kept / "parts.json").exists():
            parts = run(ROOT / "work" / f"{half}-{name}-{word}", name, data["project"][name], [cause] if cause else [], stem)
            keep(kept, parts)
        parts = json.loads((kept / "parts.json").read_text())
        for part in parts:
            part["file"] = pathlib.Path(shutil.copy(kept / part["file"], stem.parent))
            part["results"] = READERS[part["format"]](part["file"])
        return parts

    jobs = [(name, None) for name in names]
    jobs += [(name, cause) for cause in causes.values() for name in cause["projects"]]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda job: attempt(one, job), jobs))
    wrong = [f"{job[1]['id'] if job[1] else 'none'}: {parts}" for job, parts in zip(jobs, found) if isinstance(parts, Exception)]
    if wrong:
        raise Wrong("\n".join(wrong))
    base = {job[0]: Alone(parts) for job, parts in zip(jobs, found) if not job[1]}
    alone = {(job[1]["id"], job[0]): Alone(parts, base[job[0]]) for job, parts in zip(jobs, found) if job[1]}
    for (word, name), one in sorted(alone.items()):
        print(f"alone {word:40} {name:20} {len(one.failed):4} failed {len(one.lost):4} lost", flush=True)
    return base, alone


def keep(kept, parts):
    kept.mkdir(parents=True, exist_ok=True)
    for part in parts:
        shutil.copy(part["file"], kept)
    plain = [{**{key: part[key] for key in ("project", "suite", "tool", "format")}, "file": part["file"].name} for part in parts]
    (kept / "parts.json").write_text(json.dumps(plain))


def attempt(work, job):
    try:
        return work(*job)
    except Exception as error:  # Told with the others', so that one run tells all that is wrong.
        return error


def spoils(one, other):
    """What share of the failures of either is not to be told apart when both are there."""
    shared = len(one.failed & other.failed)
    hidden = max(len(one.failed & other.lost) / max(1, len(one.failed)), len(other.failed & one.lost) / max(1, len(other.failed)))
    return max(shared / max(1, min(len(one.failed), len(other.failed))), hidden)


def clashes(one, other):
    """Whether two mistakes can't be made at once: the same line, file or variable."""
    places = [{edit["find"] for edit in cause.get("edits", [])} for cause in (one, other)]
    return bool(places[0] & places[1] or set(one.get("env", {})) & set(other.get("env", {}))
                or any(edit["file"] in two.get("remove", []) for a, two in ((one, other), (other, one)) for edit in a.get("edits", [])))


def plan(causes, alone):
    """Which mistakes are made together: a list of runs, each a dictionary from project to causes.

    A mistake of the environment that several projects feel is in one run with all of them. Each
    other mistake is in one run, with others of its project that spoil it little.
    """
    runs, taken = [], set()
    of = collections.defaultdict(list)
    for cause in causes.values():
        if len(cause["projects"]) == 1:
            of[cause["projects"][0]].append(cause["id"])
    for name in of:
        dice("plan", name).shuffle(of[name])

    def fits(word, pool, name, limit):
        return all(spoils(alone[word, name], alone[other, name]) <= limit and not clashes(causes[word], causes[other])
                   for other in pool)

    for cause in causes.values():
        if len(cause["projects"]) > 1:
            run = {name: [cause["id"]] for name in cause["projects"]}
            for name, pool in run.items():
                for word in of[name]:
                    if word not in taken and len(pool) < 3 and fits(word, pool, name, 0.3):
                        pool.append(word)
                        taken.add(word)
            runs.append(run)
    singles = []
    for name in sorted(of):
        pools = []
        for word in of[name]:
            if word in taken:
                continue
            room = [pool for pool in pools if len(pool) < 6 and fits(word, pool, name, 0.3)]
            room = room or [pool for pool in pools if len(pool) < 3 and fits(word, pool, name, 0.6)]
            if room:
                room[0].append(word)
            else:
                pools.append([word])
        singles += [{name: pool} for pool in pools]
    # Half of the runs have the suites of two or three projects, as a repository of several parts has.
    dice("merge").shuffle(singles)
    lonely = [run for run in singles if sum(map(len, run.values())) == 1]
    others = [run for run in singles if sum(map(len, run.values())) > 1]
    merged = []
    for run in [*others, *lonely]:
        size = sum(map(len, run.values()))
        host = next((host for host in merged if not set(host) & set(run) and len(host) < 3
                     and sum(map(len, host.values())) + size <= 6), None)
        if host is not None and (size == 1 or len(merged) % 2):
            host.update(run)
        else:
            merged.append(dict(run))
    return [*runs, *merged]


def label(parts, words_of, alone):
    """The failures of the parts of a run, each with the one cause under which it failed alone."""
    for part in parts:
        part["failures"] = []
        for key in part["results"]["failed"]:
            whose = [word for word in words_of[part["project"]]
                     if (part["suite"], *key) in alone[word, part["project"]].failed]
            part["failures"].append({"class": key[0], "name": key[1], "cause": whose[0] if len(whose) == 1 else None})


def make(half, out, chosen):
    data, causes = load(half)
    if chosen:
        causes = {word: causes[word] for word in chosen}
    names = {name for cause in causes.values() for name in cause["projects"]}
    data["project"] = {name: project for name, project in data["project"].items() if name in names}
    fetch(data)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    base, alone = learn(half, data, causes, out)
    silent = [word for word in causes if not any(alone[word, name].failed for name in causes[word]["projects"])]
    if silent:
        raise Wrong(f"nothing fails under {', '.join(silent)}")
    runs = plan(causes, alone)

    def one(number, name, words):
        stem = out / f"r{number:02}.{name}"
        return run(ROOT / "work" / f"{half}-r{number:02}", name, data["project"][name], [causes[word] for word in words], stem)

    def whole(number, planned):
        parts = [part for name, words in planned.items() for part in one(number, name, words)]
        label(parts, planned, alone)
        return parts

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda job: attempt(whole, job), enumerate(runs, 1)))
    for parts in found:
        if isinstance(parts, Exception):
            raise parts
    index = {"half": half, "cap": CAP, "causes": {}, "runs": []}
    for number, (planned, parts) in enumerate(zip(runs, found), 1):
        index["runs"].append({"id": f"r{number:02}", "projects": sorted(planned),
                              "injected": sorted({word for words in planned.values() for word in words}),
                              "plan": planned, "parts": parts})
    count(index, causes, out)
    write(index, alone, out)
    tell(index)


def count(index, causes, out):
    """Marks the failures that count: at most CAP of each cause, drawn by seeded dice."""
    of = collections.defaultdict(list)
    for run in index["runs"]:
        for part in run["parts"]:
            part["file"] = str(part["file"].relative_to(out))
            part.pop("results")
            for failure in part["failures"]:
                failure["counted"] = False
                if failure["cause"]:
                    of[failure["cause"]].append(failure)
    for word, cause in causes.items():
        drawn = of[word] if len(of[word]) <= CAP else dice("count", word).sample(of[word], CAP)
        for failure in drawn:
            failure["counted"] = True
        index["causes"][word] = {"projects": cause["projects"], "mistake": cause["mistake"], "kinds": cause["kinds"],
                                 "failures": len(of[word]), "counted": len(drawn)}


def write(index, alone, out):
    index["alone"] = {f"{word} {name}": sorted(one.failed) for (word, name), one in alone.items()}
    (out / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def tell(index):
    for word, cause in index["causes"].items():
        print(f"cause {word:40} {cause['failures']:4} failures, {cause['counted']:2} counted")
    failures = [failure for run in index["runs"] for part in run["parts"] for failure in part["failures"]]
    there = {failure["cause"] for failure in failures if failure["cause"]}
    print(f"{index['half']}: {len(index['runs'])} runs, {len(there)} causes of {len(index['causes'])} injected, "
          f"{len(failures)} failures, {sum(1 for failure in failures if not failure['cause'])} of no one cause, "
          f"{sum(failure['counted'] for failure in failures)} counted")


# --- noise ----------------------------------------------------------------------------------


def make_noise(out, reruns, halves):
    """Reruns runs of both halves, made before, in another order, place and hash seed, with fewer tests."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    index = {"reruns": reruns, "runs": []}
    for half in ("open", "frozen"):
        data, causes = load(half)
        fetch(data)
        made = json.loads((halves / half / "index.json").read_text(encoding="utf-8"))
        alone = {}
        for key, failed in made["alone"].items():
            word, _, name = key.rpartition(" ")
            alone[word, name] = Alone([])
            alone[word, name].failed = {tuple(one) for one in failed}
        order = list(made["runs"])
        dice("noise", half).shuffle(order)
        picked, words = [], set()
        for old in order:
            if len(words) + len(old["injected"]) <= 10:
                picked.append(old)
                words |= set(old["injected"])
        jobs = [(old, again) for old in picked for again in range(reruns)]

        def one(old, again):
            parts = []
            for name, planned in old["plan"].items():
                project = data["project"][name]
                seed = dice("noise", half, old["id"], again).randrange(1, 1 << 30)
                skip = []
                for word in planned:
                    mine = sorted(key for key in alone[word, name].failed if key[1] or project["tool"] != "pytest")
                    left = dice("skip", word, name, again)
                    skip += left.sample(mine, left.randint(0, max(0, min(len(mine) - 1, len(mine) * 2 // 3))))
                noise = {"seed": seed, "skip": sorted({f"{key[1]}::{key[2]}" for key in skip})}
                if project["tool"] == "tape":
                    noise["skip"] = []
                zone = ["UTC", "Asia/Kolkata", "America/St_Johns"][again % 3]
                extra = [] if project["tool"] == "pytest" else [{"id": "zone", "env": {"TZ": zone}}]
                folder = ROOT / "work" / f"{'x' * (1 + again)}{seed:x}"
                # The zone comes first, so that a mistake in the zone stays what it is.
                got = run(folder, name, project, [*extra, *(causes[word] for word in planned)],
                          out / f"{half}.{old['id']}.{again}.{name}", noise)
                parts += got
            label(parts, old["plan"], alone)
            for part in parts:
                part["file"] = str(part["file"].relative_to(out))
                part.pop("results")
            return {"id": f"{half}.{old['id']}.{again}", "of": f"{half}.{old['id']}", "again": again, "half": half,
                    "projects": old["projects"], "injected": old["injected"], "parts": parts}

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(lambda job: attempt(one, job), jobs))
        for made_run in found:
            if isinstance(made_run, Exception):
                raise made_run
        index["runs"] += found
    (out / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    words = {word for one in index["runs"] for word in one["injected"]}
    total = sum(len(part["failures"]) for one in index["runs"] for part in one["parts"])
    print(f"noise: {len(index['runs'])} reruns, {len(words)} causes, {total} failures")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["open", "more", "frozen", "daily-open", "daily-more", "daily-frozen", "noise"])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("reruns", type=int, nargs="?", default=5)
    parser.add_argument("--causes", help="only these, by id, with commas between them")
    parser.add_argument("--halves", type=pathlib.Path, help="where noise finds open/ and frozen/, if not beside OUT")
    given = parser.parse_args()
    began = time.monotonic()
    out = given.out.resolve()
    try:
        if given.what == "noise":
            make_noise(out, given.reruns, (given.halves or out.parent).resolve())
        else:
            make(given.what, out, given.causes.split(",") if given.causes else None)
    except Wrong as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
