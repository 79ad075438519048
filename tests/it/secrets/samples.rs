//! Samples of secrets, all invented: shapes as their issuers document them, filled by chance.
//!
//! In a shape `|` is nothing (it keeps scanners away), `{a36}` is 36 letters and digits, and
//! so on for `d`igits, lower `h`ex, `B`ase32 in capitals, `l`ower letters and digits, `u`
//! for addresses, `s` for standard base64.

/// Chance that is the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// From `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// A run of characters of a class of the shapes.
    pub(crate) fn run(&mut self, class: char, length: usize) -> String {
        let (lower, upper, digit) =
            ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789");
        let set = match class {
            'a' => format!("{lower}{upper}{digit}"),
            'd' => digit.to_owned(),
            'h' => format!("{digit}abcdef"),
            'H' => format!("{digit}ABCDEF"),
            'B' => format!("{upper}234567"),
            'l' => format!("{lower}{digit}"),
            'u' => format!("{lower}{upper}{digit}{lower}{upper}{digit}_-"),
            's' => format!("{lower}{upper}{digit}+/"),
            other => panic!("no class {other}"),
        };
        let set: Vec<char> = set.chars().collect();
        (0..length).map(|_| set[self.below(set.len())]).collect()
    }

    /// A shape filled.
    pub(crate) fn fill(&mut self, shape: &str) -> String {
        self.fill_between(shape, '{', '}').replace('|', "")
    }

    /// A text filled whose slots stand between other marks.
    pub(crate) fn fill_between(&mut self, shape: &str, open: char, close: char) -> String {
        let mut out = String::new();
        let mut rest = shape;
        while let Some((before, after)) = rest.split_once(open) {
            let (slot, after) = after.split_once(close).expect("it ends");
            out.push_str(before);
            let class = slot.chars().next().expect("a class");
            out.push_str(&self.run(class, slot[1..].parse().expect("a length")));
            rest = after;
        }
        out + rest
    }
}

/// How a sample can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// By its own shape.
    Prefix,
    /// As the value of this variable.
    Variable(String),
    /// By what stands around it.
    Context,
}

/// A secret.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Its family, for the table.
    pub(crate) family: String,
    pub(crate) secret: String,
    /// How much of it everybody knows.
    pub(crate) public: usize,
    pub(crate) sort: Sort,
    /// Whether its beginning alone says what it is.
    pub(crate) may_be_cut: bool,
    /// The text it stands in, with `{}` for it.
    around: String,
}

impl Sample {
    /// The secret in its context.
    pub(crate) fn whole(&self) -> String {
        self.around.replace("{}", &self.secret)
    }

    /// Where it stands in there.
    pub(crate) fn at(&self) -> usize {
        self.around.find("{}").unwrap_or(0)
    }
}

/// Every sample.
pub(crate) fn all() -> Vec<Sample> {
    let mut chance = Chance::new(42);
    let mut all = Vec::new();
    for (family, shape) in SHAPES {
        // What stands before the first blank is said by the issuer to everybody; a shape
        // that begins with chance has no public part.
        for _ in 0..2 {
            let public = shape.split('{').next().unwrap_or_default().replace('|', "").len();
            let secret = loop {
                let secret = chance.fill(shape);
                // One in two thousand has no digit and no capital; issuers' checksums are
                // no matter here.
                if secret[public..].bytes().any(|b| b.is_ascii_digit()) {
                    break secret;
                }
            };
            let (sort, around) = (Sort::Prefix, "{}".to_owned());
            let may_be_cut = public >= 3;
            all.push(Sample { family: (*family).to_owned(), secret, public, sort, may_be_cut, around });
        }
    }
    all.extend(jwts(&mut chance));
    all.extend(keys(&mut chance));
    for (i, (name, shape)) in VARIABLES.iter().enumerate() {
        let secret = chance.fill(shape);
        let public =
            secret.find("://").map_or(0, |at| secret[at + 3..].find(':').map_or(0, |colon| at + colon + 4));
        let name = format!("{name}_{i}");
        let family = format!("env {}", VARIABLES[i].0.to_lowercase());
        let (sort, around) = (Sort::Variable(name), "{}".to_owned());
        all.push(Sample { family, secret, public, sort, may_be_cut: true, around });
    }
    for (family, around, shape) in CONTEXTS {
        for _ in 0..2 {
            let secret = chance.fill(shape);
            let around = around.replace('|', "");
            let sort = Sort::Context;
            all.push(Sample {
                family: (*family).to_owned(),
                secret,
                public: 0,
                sort,
                may_be_cut: false,
                around,
            });
        }
    }
    all
}

/// Tokens in three parts, and GitHub's installation tokens that hold one.
fn jwts(chance: &mut Chance) -> Vec<Sample> {
    let mut all = Vec::new();
    let headers =
        ["{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"k1\"}"];
    for (i, header) in headers.iter().cycle().take(6).enumerate() {
        let encoded = |text: &str| super::disguise::base64(text.as_bytes(), true, false);
        let payload = format!("{{\"sub\":\"{}\",\"exp\":{}}}", chance.run('a', 12), chance.run('d', 10));
        let header = encoded(header);
        let token =
            format!("{header}.{}.{}", encoded(&payload), chance.run('u', if i < 2 { 43 } else { 342 }));
        let installation = i >= 4;
        let lead = if installation { chance.fill("gh|s_{d7}_") } else { String::new() };
        let public = lead.len() + header.len() + 1;
        let family = if installation { "github installation" } else { "jwt" };
        let (sort, around) = (Sort::Prefix, "{}".to_owned());
        all.push(Sample {
            family: family.to_owned(),
            secret: lead + &token,
            public,
            sort,
            may_be_cut: true,
            around,
        });
    }
    all
}

/// Private keys in their armour.
fn keys(chance: &mut Chance) -> Vec<Sample> {
    let kinds =
        ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"];
    let key = |kind: &&str| {
        let lines: Vec<_> = (0..chance.between(3, 12)).map(|_| chance.run('s', 64)).collect();
        let head = format!("-----{} {kind}-----\n", "BEGIN");
        let secret =
            format!("{head}{}\n{}\n-----{} {kind}-----", lines.join("\n"), chance.run('s', 31), "END");
        let (sort, around) = (Sort::Prefix, "{}".to_owned());
        Sample {
            family: "private key".to_owned(),
            public: head.len(),
            secret,
            sort,
            may_be_cut: false,
            around,
        }
    };
    kinds.iter().map(key).collect()
}

const SHAPES: &[(&str, &str)] = &[
    ("github", "gh|p_{a36}"),
    ("github", "gh|o_{a36}"),
    ("github", "gh|u_{a36}"),
    ("github", "gh|s_{a36}"),
    ("github", "gh|r_{a76}"),
    ("github", "git|hub_pat_{a22}_{a59}"),
    ("gitlab", "gl|pat-{u20}"),
    ("gitlab", "gl|pat-{u27}.01.{l9}"),
    ("gitlab", "gl|dt-{u20}"),
    ("gitlab", "gl|rt-{u20}"),
    ("gitlab", "gl|cbt-1f_{u20}"),
    ("gitlab", "gl|ptt-{h40}"),
    ("gitlab", "gl|ft-{u20}"),
    ("gitlab", "gl|soat-{u20}"),
    ("gitlab", "GR|1348941{u20}"),
    ("aws", "AK|IA{B16}"),
    ("aws", "AS|IA{B16}"),
    ("gcp", "AI|za{u35}"),
    ("gcp", "ya|29.{u90}"),
    ("gcp", "GO|CSPX-{u28}"),
    ("gcp", "1|//0{u60}"),
    ("azure ad", "{a3}8|Q~{u34}"),
    ("digitalocean", "do|p_v1_{h64}"),
    ("digitalocean", "do|o_v1_{h64}"),
    ("digitalocean", "do|r_v1_{h64}"),
    ("slack", "xo|xb-{d12}-{d13}-{a24}"),
    ("slack", "xo|xp-{d12}-{d12}-{d13}-{h32}"),
    ("slack", "xo|xe-1-{a60}"),
    ("slack", "xa|pp-1-A{B10}-{d13}-{h64}"),
    ("slack", "hooks.sla|ck.com/services/T{B8}/B{B8}/{a24}"),
    ("discord", "MT{a24}.{a6}.{u38}"),
    ("discord", "disc|ord.com/api/webhooks/{d18}/{u68}"),
    ("telegram", "{d10}:A|A{u33}"),
    ("stripe", "sk|_live_{a24}"),
    ("stripe", "sk|_test_{a99}"),
    ("stripe", "rk|_live_{a24}"),
    ("stripe", "wh|sec_{a32}"),
    ("shopify", "sh|pat_{h32}"),
    ("shopify", "sh|pss_{h32}"),
    ("shopify", "sh|pca_{h32}"),
    ("square", "sq|0atp-{u22}"),
    ("square", "sq|0csp-{u43}"),
    ("easypost", "EZ|AK{a54}"),
    ("flutterwave", "FL|WSECK_TEST-{h32}"),
    ("shippo", "ship|po_live_{h40}"),
    ("duffel", "duf|fel_test_{u43}"),
    ("sendgrid", "S|G.{u22}.{u43}"),
    ("twilio", "S|K{h32}"),
    ("mailgun", "ke|y-{h32}"),
    ("mailchimp", "{h32}-u|s14"),
    ("sendinblue", "xk|eysib-{h64}-{a16}"),
    ("npm", "np|m_{a36}"),
    ("pypi", "py|pi-AgEIcHlwaS5vcmc{u80}"),
    ("docker", "dc|kr_pat_{u27}"),
    ("docker", "dc|kr_oat_{u32}"),
    ("rubygems", "ruby|gems_{h48}"),
    ("cargo", "c|io{a32}"),
    ("clojars", "CLO|JARS_{l60}"),
    ("artifactory", "AK|Cp{a69}"),
    ("artifactory", "cmVm|dGtu{a56}"),
    ("nuget", "oy|2{l43}"),
    ("openai", "sk|-proj-{u74}T3Blbk|FJ{u74}"),
    ("openai", "sk|-{a20}T3Blbk|FJ{a20}"),
    ("openai", "sk|-svcacct-{u58}T3Blbk|FJ{u58}"),
    ("anthropic", "sk|-ant-api03-{u93}AA"),
    ("anthropic", "sk|-ant-admin01-{u93}AA"),
    ("huggingface", "h|f_{a34}"),
    ("huggingface", "api|_org_{a34}"),
    ("groq", "gs|k_{a52}"),
    ("xai", "xa|i-{a80}"),
    ("replicate", "r|8_{a37}"),
    ("perplexity", "pp|lx-{a48}"),
    ("openrouter", "sk|-or-v1-{h64}"),
    ("langsmith", "ls|v2_pt_{h32}_{h10}"),
    ("databricks", "da|pi{h32}-2"),
    ("databricks", "da|pi{h32}"),
    ("airtable", "p|at{a14}.{h64}"),
    ("grafana", "gl|sa_{a32}_{h8}"),
    ("grafana", "gl|c_eyJ{s60}"),
    ("new relic", "NR|AK-{B27}"),
    ("new relic", "NR|II-{u32}"),
    ("sentry", "sn|trys_eyJ{s80}_{s43}"),
    ("sentry", "sn|tryu_{h64}"),
    ("dynatrace", "dt0|c01.{B24}.{B64}"),
    ("mapbox", "s|k.eyJ{a80}.{a22}"),
    ("sourcegraph", "sg|p_{h16}_{h40}"),
    ("posthog", "ph|x_{a43}"),
    ("cloudflare", "v1|.0-{h24}-{h146}"),
    ("linear", "li|n_api_{a40}"),
    ("notion", "nt|n_{a46}"),
    ("notion", "sec|ret_{a43}"),
    ("atlassian", "AT|ATT3xFfGF0{u172}={H8}"),
    ("bitbucket", "AT|BB{a32}"),
    ("postman", "PM|AK-{h24}-{h34}"),
    ("figma", "fi|gd_{u40}"),
    ("hubspot", "pa|t-na1-{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("dropbox", "s|l.{u135}"),
    ("contentful", "CF|PAT-{u43}"),
    ("typeform", "tf|p_{u44}_{u14}"),
    ("readme", "rd|me_{l70}"),
    ("frameio", "fi|o-u-{u64}"),
    ("adobe", "p8|e-{a32}"),
    ("launchdarkly", "sd|k-{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("yandex", "AQ|VN{u36}"),
    ("vault", "hv|s.{u92}"),
    ("vault", "hv|b.{u140}"),
    ("terraform", "{a14}.atl|asv1.{u67}"),
    ("doppler", "dp|.pt.{a43}"),
    ("doppler", "dp|.st.dev.{a43}"),
    ("pulumi", "pu|l-{h40}"),
    ("prefect", "pn|u_{a36}"),
    ("infracost", "ic|o-{a32}"),
    ("octopus", "AP|I-{B26}"),
    ("buildkite", "bk|ua_{h40}"),
    ("circleci", "CCI|PAT_{a22}_{h40}"),
    ("harness", "pa|t.{u22}.{h24}.{a20}"),
    ("1password", "op|s_eyJ{s250}"),
    ("age", "AGE-SEC|RET-KEY-1{B58}"),
    ("planetscale", "psc|ale_tkn_{u43}"),
    ("netlify", "nf|p_{a40}"),
    ("supabase", "sb|p_{h40}"),
    ("tailscale", "ts|key-auth-{a17}-{a32}"),
    ("openshift", "sha|256~{u43}"),
    ("fly", "fo|1_{u43}"),
    ("heroku", "HR|KU-AA{u58}"),
    ("alibaba", "LT|AI{a20}"),
];

const VARIABLES: [(&str, &str); 42] = [
    ("DEPLOY_TOKEN", "{a40}"),
    ("API_KEY", "{h32}"),
    ("SECRET_KEY_BASE", "{h128}"),
    ("DB_PASSWORD", "{a8}"),
    ("DB_PASSWORD", "{l10}!{a3}"),
    ("DB_PASSWORD", "correct horse {l7} staple"),
    ("ADMIN_PASS", "p@ss/{a6}+w?rd"),
    ("ADMIN_PASS", "\"{a6}\"\\{a6}"),
    ("DATABASE_URL", "postgres://app:{a14}@db.internal:5432/app"),
    ("REDIS_URL", "redis://:{a20}@cache.internal:6379/0"),
    ("AMQP_URL", "amqp://svc:{a9}@mq.internal/%2f"),
    ("SESSION_SECRET", "{s44}"),
    ("SESSION_SECRET", "{u64}"),
    ("AUTH_COOKIE", "sid={a32}; path=x"),
    ("SENTRY_DSN", "https://{h32}:{h32}@o1.ingest.example/42"),
    ("AZURE_CONNECTION", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={s86}=="),
    ("AWS_SECRET_ACCESS_KEY", "{s40}"),
    ("JWT_SECRET", "{a24}"),
    ("BASIC_AUTH", "ann:{a12}"),
    ("SIGNING_KEY", "{a16}\n{a32}\n{a32}\n{a12}"),
    ("VAULT_CREDENTIALS", "user=svc;pw={a12}"),
    ("NPM_AUTH", "{s48}=="),
    ("WEBHOOK_SECRET", "{h40}"),
    ("ENCRYPTION_KEY", "{s43}="),
    ("LICENSE_KEY", "{B5}-{B5}-{B5}-{B5}-{B5}"),
    ("PIN_SECRET", "{d16}"),
    ("OAUTH_CLIENT_SECRET", "{u34}"),
    ("SMTP_PASSWORD", "{a4} {a4} {a4} {a4}"),
    ("SSH_PASSPHRASE", "\u{fc}ber {a8} \u{f1}and\u{fa}"),
    ("ROOT_PWD", "{a3}%{a3}&{a4}=x"),
    ("GITHUB_APP_TOKEN", "{h40}"),
    ("TEST_CREDS", "svc-{a10}:{a18}"),
    ("MASTER_KEY", "{h64}"),
    ("STORAGE_KEY", "{s88}"),
    ("COSIGN_PASSWORD", "{a30}"),
    ("DOCKER_PASSWORD", "{u36}"),
    ("SONAR_TOKEN", "{h40}"),
    ("CODECOV_TOKEN", "{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("SNYK_TOKEN", "{h8}-{h4}-{h4}-{h4}-{h12}"),
    ("TURNSTILE_SECRET", "0x4{a30}"),
    ("MONGO_CONN", "mongodb+srv://svc:{a16}@cluster0.example.net/test?w=1"),
    ("CACHE_PASSWORD", "{l12}"),
];

const CONTEXTS: &[(&str, &str, &str)] = &[
    ("url userinfo", "cloning https://deploy:{}@git.example.com/acme/app.git", "{a20}"),
    ("url userinfo", "https://{}@git.example.com/acme/app.git failed", "{a32}"),
    ("database url", "connect postgres://app:{}@db.internal:5432/app timed out", "{a14}"),
    ("database url", "mongodb+srv://svc:{}@cluster0.example.net/test", "{a16}"),
    ("database url", "amqps://mq:{}@queue.internal//", "{u18}"),
    ("authorization", "> Authorization: Basic {}", "{s32}"),
    ("authorization", "'Authorization': 'Bearer {}'", "{u40}"),
    ("authorization", "authorization: token {}", "{h40}"),
    ("authorization", "Proxy-Authorization: Basic {}", "{s24}"),
    ("curl", "+ curl -sS -u ci:{} https://ci.example.com/api", "{a18}"),
    ("curl", "curl -H 'X-Api-Key: {}' https://api.example.com", "{a32}"),
    ("cookie", "Cookie: theme=dark; session={}", "{h40}"),
    ("cookie", "Set-Cookie: sid={}; Path=/; HttpOnly", "{u43}"),
    ("assignment", "password = \"{}\"", "{a12}!"),
    ("assignment", "DB_PASSWORD={}", "{a16}"),
    ("assignment", "export API_SECRET={}", "{h32}"),
    ("assignment", "  client_secret: {}", "{u36}"),
    ("assignment", "\"accessToken\": \"{}\",", "{u48}"),
    ("assignment", "aws_secret_access_key = {}", "{s40}"),
    ("assignment", "//registry.example.com/:_authToken={}", "{h36}"),
    ("assignment", "Server=tcp:db.example,1433;User=sa;Password={};Encrypt=yes", "{a14}"),
    ("assignment", "<apiToken>{}</apiToken>", "{a28}"),
    ("assignment", "deploy --auth-token {} --region eu", "{a30}"),
    ("azure", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={}", "{s86}=="),
    ("azure", "https://x.blob.example/c?sv=2023-01-03&se=2026&sr=b&sig={}", "{s43}%3D"),
    ("netrc", "machine api.example.com login ci password {}", "{a18}"),
];
