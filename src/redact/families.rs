//! The published shapes of credentials: what each begins with and what follows.
//!
//! Written from the documentation of those who issue them. A family is data: a prefix, the
//! characters that may follow and how many. What has no prefix of its own (a 40-digit hash
//! that happens to be a key) is only known by its context, in `context`.

use crate::redact::judge::{ALNUM, BASE64, DIGIT, DOTTED, HEX, LOWER, Set, UPPER, URL};

/// One shape.
#[derive(Clone, Copy)]
pub(super) struct Family {
    /// What a text says in its place.
    pub(super) kind: &'static str,
    /// How it begins; at least three characters.
    pub(super) prefix: &'static str,
    /// What may follow.
    pub(super) set: Set,
    /// The fewest that follow in a whole one.
    pub(super) least: usize,
    /// The most.
    pub(super) most: usize,
    /// What it has before the prefix.
    pub(super) before: Before,
}

/// What stands before a mark in the middle of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// This many characters of a set, at least and at most.
    Run(Set, usize, usize),
}

const LONG: usize = 1 << 20;
const HEXLOW: Set = HEX & (DIGIT | LOWER);
const BASE32: Set = UPPER | DIGIT;
const LOWNUM: Set = LOWER | DIGIT;

const fn open(kind: &'static str, prefix: &'static str, set: Set, least: usize) -> Family {
    Family { kind, prefix, set, least, most: LONG, before: Before::Nothing }
}

const fn exact(kind: &'static str, prefix: &'static str, set: Set, length: usize) -> Family {
    Family { kind, prefix, set, least: length, most: length, before: Before::Nothing }
}

const fn inner(
    kind: &'static str,
    before: Before,
    mark: &'static str,
    set: Set,
    least: usize,
    most: usize,
) -> Family {
    Family { kind, prefix: mark, set, least, most, before }
}

pub(super) const FAMILIES: &[Family] = &[
    // GitHub. An installation token may be an app's number and a JWT, over 500 characters.
    open("github-token", "ghp_", DOTTED, 36),
    open("github-token", "gho_", DOTTED, 36),
    open("github-token", "ghu_", DOTTED, 36),
    open("github-token", "ghs_", DOTTED, 36),
    open("github-token", "ghr_", DOTTED, 36),
    open("github-token", "github_pat_", URL, 40),
    // GitLab, and its routable tokens with dots.
    open("gitlab-token", "glpat-", DOTTED, 20),
    open("gitlab-token", "gldt-", URL, 20),
    open("gitlab-token", "glrt-", DOTTED, 20),
    open("gitlab-token", "glrtr-", DOTTED, 20),
    open("gitlab-token", "glcbt-", URL, 20),
    open("gitlab-token", "glptt-", URL, 20),
    open("gitlab-token", "glft-", URL, 20),
    open("gitlab-token", "glimt-", URL, 20),
    open("gitlab-token", "glagent-", URL, 40),
    open("gitlab-token", "glsoat-", URL, 20),
    open("gitlab-token", "glffct-", URL, 20),
    open("gitlab-token", "gloas-", URL, 40),
    open("gitlab-token", "glwt-", URL, 20),
    open("gitlab-token", "GR1348941", URL, 20),
    // Clouds.
    exact("aws-key", "AKIA", BASE32, 16),
    exact("aws-key", "ASIA", BASE32, 16),
    exact("aws-key", "ABIA", BASE32, 16),
    exact("aws-key", "ACCA", BASE32, 16),
    open("aws-key", "ABSK", BASE64, 100),
    open("aws-session-token", "FwoGZXIvYXdz", BASE64, 60),
    open("aws-session-token", "IQoJb3JpZ2lu", BASE64, 60),
    exact("gcp-key", "AIza", URL, 35),
    open("gcp-token", "ya29.", DOTTED, 30),
    open("gcp-key", "GOCSPX-", URL, 28),
    open("gcp-token", "1//0", URL, 40),
    inner("azure-secret", Before::Run(URL, 3, 3), "7Q~", DOTTED | (1 << b'~'), 31, 34),
    inner("azure-secret", Before::Run(URL, 3, 3), "8Q~", DOTTED | (1 << b'~'), 31, 34),
    inner("azure-secret", Before::Run(URL, 3, 3), "9Q~", DOTTED | (1 << b'~'), 31, 34),
    open("digitalocean-token", "dop_v1_", HEXLOW, 64),
    open("digitalocean-token", "doo_v1_", HEXLOW, 64),
    open("digitalocean-token", "dor_v1_", HEXLOW, 64),
    open("alibaba-key", "LTAI", ALNUM, 16),
    open("ibm-key", "ApiKey-", URL, 36),
    open("fly-token", "fo1_", URL, 40),
    open("fly-token", "fm1r_", BASE64, 60),
    open("fly-token", "fm2_", BASE64, 60),
    open("heroku-key", "HRKU-", URL, 36),
    open("scalingo-token", "tk-us-", URL, 40),
    open("netlify-token", "nfp_", ALNUM, 36),
    open("planetscale-token", "pscale_tkn_", DOTTED, 32),
    open("planetscale-token", "pscale_pw_", DOTTED, 32),
    open("planetscale-token", "pscale_oauth_", DOTTED, 32),
    open("supabase-token", "sbp_", HEXLOW, 40),
    open("vercel-token", "vcp_", ALNUM, 24),
    open("openshift-token", "sha256~", URL, 43),
    open("tailscale-key", "tskey-", URL, 30),
    // Chat.
    open("slack-token", "xoxb-", URL, 24),
    open("slack-token", "xoxp-", URL, 24),
    open("slack-token", "xoxa-", URL, 24),
    open("slack-token", "xoxr-", URL, 24),
    open("slack-token", "xoxs-", URL, 24),
    open("slack-token", "xoxo-", URL, 24),
    open("slack-token", "xoxe-", URL, 24),
    open("slack-token", "xoxe.xox", DOTTED, 40),
    open("slack-token", "xapp-", URL, 24),
    open("slack-webhook", "hooks.slack.com/services/", ALNUM | (1 << b'/'), 36),
    open("slack-webhook", "hooks.slack.com/workflows/", ALNUM | (1 << b'/'), 36),
    open("discord-webhook", "discord.com/api/webhooks/", URL | (1 << b'/'), 70),
    open("discord-webhook", "discordapp.com/api/webhooks/", URL | (1 << b'/'), 70),
    open("teams-webhook", "webhook.office.com/webhookb2/", URL | (1 << b'/') | (1 << b'@'), 70),
    inner("telegram-token", Before::Run(DIGIT, 8, 10), ":AA", URL, 32, 34),
    // Payment and shops.
    open("stripe-key", "sk_live_", ALNUM, 20),
    open("stripe-key", "sk_test_", ALNUM, 20),
    open("stripe-key", "rk_live_", ALNUM, 20),
    open("stripe-key", "rk_test_", ALNUM, 20),
    open("stripe-key", "sk_org_", ALNUM | (1 << b'_'), 20),
    open("stripe-secret", "whsec_", BASE64, 32),
    open("shopify-token", "shpat_", HEX, 32),
    open("shopify-token", "shpca_", HEX, 32),
    open("shopify-token", "shppa_", HEX, 32),
    open("shopify-token", "shpss_", HEX, 32),
    open("square-token", "sq0atp-", URL, 22),
    open("square-token", "sq0csp-", URL, 43),
    open("square-token", "EAAAE", URL, 55),
    open("flutterwave-key", "FLWSECK", URL, 12),
    open("easypost-key", "EZAK", ALNUM, 54),
    open("easypost-key", "EZTK", ALNUM, 54),
    open("shippo-token", "shippo_live_", HEX, 40),
    open("shippo-token", "shippo_test_", HEX, 40),
    open("duffel-token", "duffel_live_", URL, 43),
    open("duffel-token", "duffel_test_", URL, 43),
    open("lob-key", "live_pub_", HEX, 31),
    // Mail and messages.
    open("sendgrid-key", "SG.", DOTTED, 50),
    exact("twilio-key", "SK", HEXLOW, 32),
    open("mailgun-key", "key-", HEXLOW, 32),
    inner("mailchimp-key", Before::Run(HEXLOW, 32, 32), "-us", DIGIT, 1, 2),
    open("sendinblue-key", "xkeysib-", URL, 60),
    open("sendinblue-key", "xsmtpsib-", URL, 60),
    open("resend-key", "re_", ALNUM | (1 << b'_'), 28),
    open("facebook-token", "EAACEdEose0cBA", ALNUM, 20),
    open("twitter-token", "AAAAAAAAAAAAAAAAAAAAA", ALNUM | (1 << b'%'), 50),
    // Packages and containers.
    exact("npm-token", "npm_", ALNUM, 36),
    open("pypi-token", "pypi-AgE", URL, 50),
    open("pypi-token", "pypi-AgN", URL, 50),
    open("docker-token", "dckr_pat_", URL, 24),
    open("docker-token", "dckr_oat_", URL, 24),
    open("rubygems-key", "rubygems_", HEX, 48),
    open("cargo-token", "cio", ALNUM, 32),
    open("clojars-token", "CLOJARS_", ALNUM, 60),
    open("artifactory-key", "AKCp", ALNUM, 69),
    open("artifactory-token", "cmVmdGtu", ALNUM, 56),
    open("nuget-key", "oy2", LOWNUM, 43),
    // Models.
    open("openai-key", "sk-proj-", URL, 40),
    open("openai-key", "sk-svcacct-", URL, 40),
    open("openai-key", "sk-admin-", URL, 40),
    open("openai-key", "sk-None-", URL, 40),
    open("openrouter-key", "sk-or-v1-", HEX, 64),
    open("anthropic-key", "sk-ant-", URL, 32),
    open("openai-key", "sk-", ALNUM, 40),
    open("huggingface-token", "hf_", ALNUM, 30),
    open("huggingface-token", "api_org_", ALNUM, 30),
    open("groq-key", "gsk_", ALNUM, 48),
    open("xai-key", "xai-", ALNUM, 60),
    open("replicate-token", "r8_", URL, 37),
    open("perplexity-key", "pplx-", ALNUM, 40),
    open("cohere-key", "co-", ALNUM, 40),
    open("langsmith-key", "lsv2_pt_", HEX | (1 << b'_'), 40),
    open("langsmith-key", "lsv2_sk_", HEX | (1 << b'_'), 40),
    open("wandb-key", "wandb_v1_", URL, 40),
    // Data.
    open("databricks-token", "dapi", HEXLOW | (1 << b'-'), 32),
    open("airtable-token", "pat", ALNUM | (1 << b'.'), 70),
    open("grafana-token", "glsa_", ALNUM | (1 << b'_'), 38),
    open("grafana-token", "glc_", BASE64, 32),
    open("grafana-token", "eyJrIjoi", BASE64, 70),
    open("newrelic-key", "NRAK-", ALNUM, 27),
    open("newrelic-key", "NRJS-", HEX, 19),
    open("newrelic-key", "NRII-", URL, 32),
    open("newrelic-key", "NRAA-", HEX, 27),
    open("sentry-token", "sntrys_", BASE64, 60),
    open("sentry-token", "sntryu_", HEX, 64),
    open("dynatrace-token", "dt0c01.", ALNUM | (1 << b'.'), 80),
    open("dynatrace-token", "dt0s01.", ALNUM | (1 << b'.'), 80),
    open("mapbox-token", "sk.eyJ", DOTTED, 60),
    open("segment-token", "sgp_", ALNUM | (1 << b'_'), 40),
    open("sourcegraph-token", "slk_", HEX, 64),
    open("posthog-key", "phx_", ALNUM, 40),
    open("cloudflare-key", "v1.0-", HEX | (1 << b'-'), 100),
    open("confluent-key", "cflt", BASE64, 60),
    // Work.
    open("linear-key", "lin_api_", ALNUM, 32),
    open("linear-key", "lin_oauth_", ALNUM, 32),
    exact("notion-token", "secret_", ALNUM, 43),
    open("notion-token", "ntn_", ALNUM, 40),
    open("atlassian-token", "ATATT3", BASE64, 100),
    open("atlassian-token", "ATCTT3", BASE64, 100),
    open("bitbucket-token", "ATBB", ALNUM, 32),
    open("postman-key", "PMAK-", HEX | (1 << b'-'), 50),
    open("figma-token", "figd_", URL, 36),
    open("hubspot-token", "pat-na1-", HEX | (1 << b'-'), 32),
    open("hubspot-token", "pat-eu1-", HEX | (1 << b'-'), 32),
    open("dropbox-token", "sl.", URL, 100),
    open("contentful-token", "CFPAT-", URL, 40),
    open("typeform-token", "tfp_", DOTTED, 40),
    open("readme-key", "rdme_", LOWNUM, 60),
    open("frameio-token", "fio-u-", URL, 60),
    open("adobe-secret", "p8e-", ALNUM, 30),
    open("launchdarkly-key", "sdk-", HEX | (1 << b'-'), 36),
    open("intra42-secret", "s-s4t2ud-", HEX, 60),
    open("intra42-secret", "s-s4t2af-", HEX, 60),
    open("yandex-key", "AQVN", URL, 35),
    open("zuplo-key", "zpka_", ALNUM | (1 << b'_'), 36),
    // Running things.
    open("vault-token", "hvs.", URL, 24),
    open("vault-token", "hvb.", URL, 60),
    open("vault-token", "hvr.", URL, 24),
    inner("terraform-token", Before::Run(ALNUM, 14, 14), ".atlasv1.", URL | (1 << b'='), 60, 75),
    open("doppler-token", "dp.pt.", ALNUM, 40),
    open("doppler-token", "dp.st.", DOTTED, 40),
    open("doppler-token", "dp.ct.", ALNUM, 40),
    open("doppler-token", "dp.sa.", ALNUM, 40),
    open("doppler-token", "dp.scim.", ALNUM, 40),
    open("doppler-token", "dp.audit.", ALNUM, 40),
    open("pulumi-token", "pul-", HEXLOW, 40),
    open("prefect-token", "pnu_", ALNUM, 36),
    open("infracost-key", "ico-", ALNUM, 32),
    open("octopus-key", "API-", BASE32, 25),
    open("buildkite-token", "bkua_", HEX, 40),
    open("circleci-token", "CCIPAT_", ALNUM | (1 << b'_'), 40),
    open("circleci-token", "CCIPRJ_", ALNUM | (1 << b'_'), 40),
    open("harness-token", "pat.", DOTTED, 60),
    open("onepassword-token", "ops_eyJ", BASE64, 100),
    open("onepassword-key", "A3-", BASE32 | (1 << b'-'), 36),
    open("age-key", "AGE-SECRET-KEY-1", BASE32, 58),
    // Said to be one.
    open("bearer-token", "Bearer ", BASE64 | DOTTED | (1 << b'~'), 16),
    open("bearer-token", "bearer ", BASE64 | DOTTED | (1 << b'~'), 16),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_can_be_looked_up_and_told_apart() {
        for family in FAMILIES {
            assert!(family.prefix.is_ascii() && family.prefix.len() >= 2 && family.least >= 1);
            assert!(family.kind.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            assert!(family.most >= family.least);
        }
        let mut prefixes: Vec<_> = FAMILIES.iter().map(|f| f.prefix).collect();
        prefixes.sort_unstable();
        let all = prefixes.len();
        prefixes.dedup();
        assert_eq!(prefixes.len(), all);
    }
}
