//! Logs without any secret, as varied as those that people paste: a hundred kinds, each
//! invented, each filled twice by chance.
//!
//! Between `«` and `»` stand slots as in the shapes of `samples`: `«h40»` is a git hash.

use crate::secrets::samples::Chance;

/// Every log with the name of its kind.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut chance = Chance::new(7);
    let mut all = Vec::new();
    for (name, text) in KINDS.iter().chain(MORE).chain(CODE) {
        for draw in 1..=2 {
            let filled = if text.contains('«') {
                chance.fill_between(text, '«', '»')
            } else {
                // Nothing to fill: another order of the same lines is another log.
                let mut lines: Vec<&str> = text.lines().collect();
                let by = chance.below(lines.len().max(2) - 1) + draw - 1;
                let length = lines.len();
                lines.rotate_left(by % length);
                lines.join("\n") + if draw == 2 { "\n" } else { "" }
            };
            all.push((format!("{name} {draw}"), filled));
        }
    }
    all.extend(data(&mut chance));
    all
}

/// What is made of bytes.
fn data(chance: &mut Chance) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for i in 0..4 {
        let image = chance.run('s', 4_000 + 700 * i);
        all.push((format!("image {i}"), format!("![shot](data:image/png;base64,iVBORw0KGgo{image}==)")));
        let lines: Vec<_> = (0..20).map(|_| chance.run('s', 76)).collect();
        all.push((
            format!("mail attachment {i}"),
            format!("Content-Transfer-Encoding: base64\n\n{}\n", lines.join("\n")),
        ));
        let rows: Vec<_> = (0..12)
            .map(|row| {
                let bytes: Vec<_> = (0..16).map(|_| chance.run('h', 2)).collect();
                format!("{:08x}  {}  |{}|", row * 16, bytes.join(" "), chance.run('a', 16))
            })
            .collect();
        all.push((format!("hex dump {i}"), rows.join("\n")));
        let words = ["alpha", "render", "commit", "shader", "import", "export", "lambda", "buffer", "socket"];
        let code: String = (0..400)
            .map(|_| {
                let (a, b) = (chance.pick(&words), chance.pick(&words));
                format!(
                    "var {}={}.{a}({},\"{b}\");",
                    chance.run('l', 1),
                    chance.run('l', 2),
                    chance.run('d', 3)
                )
            })
            .collect();
        all.push((format!("minified {i}"), code));
    }
    all
}

const KINDS: &[(&str, &str)] = &[
    (
        "git log",
        "commit «h40»\nAuthor: Ada Tester <ada@example.org>\nDate:   Sun Sep 14 11:59:30 2025 +0200\n\n    parser: keep the last token of a line\n\ncommit «h40»\nMerge: «h7» «h7»\n",
    ),
    (
        "git push",
        "To github.com:acme/app.git\n   «h7»..«h7»  main -> main\nremote: Resolving deltas: 100% (12/12), completed with 5 local objects.\n",
    ),
    ("git submodule", "Submodule path 'vendor/x': checked out '«h40»'\n+«h40» vendor/y (v1.2.3-4-g«h7»)"),
    (
        "git diff",
        "diff --git a/src/token.rs b/src/token.rs\nindex «h10»..«h10» 100644\n--- a/src/token.rs\n+++ b/src/token.rs\n@@ -12,7 +12,7 @@ fn token(text: &str) -> Token {\n-    let secret = read_secret(path)?;\n+    let secret = read_secret(&path)?;\n",
    ),
    ("sha256sums", "«h64»  app-1.2.3.tar.gz\n«h64» *app-1.2.3.zip\n«h128»  app.iso\n"),
    (
        "rustc",
        "error[E0308]: mismatched types\n  --> src/auth/token.rs:41:20\n   |\n41 |     let token: &str = lexer.next_token();\n   |                ----   ^^^^^^^^^^^^^^^^^^ expected `&str`, found `Option<Token>`\n   |\n   = note: expected reference `&str`\n",
    ),
    (
        "rust panic",
        "thread 'auth::tests::expired_token' panicked at src/auth.rs:«d3»:9:\nassertion `left == right` failed\n  left: Err(Expired { at: «d10» })\n right: Ok(())\nnote: run with `RUST_BACKTRACE=1`\n   4: app::auth::password::verify\n             at ./src/auth/password.rs:88:5\n",
    ),
    (
        "gcc",
        "src/lex.c: In function 'next_token':\nsrc/lex.c:«d3»:17: warning: unused variable 'secret_len' [-Wunused-variable]\n  «d3» |     size_t secret_len = strlen(password);\n      |            ^~~~~~~~~~\n/usr/bin/ld: /tmp/cc«a6».o: in function `main':\nlex.c:(.text+0x«h3»): undefined reference to `token_free'\n",
    ),
    (
        "java trace",
        "java.lang.IllegalStateException: token must not be null\n\tat com.acme.auth.TokenFilter.doFilter(TokenFilter.java:«d2»)\n\tat org.apache.catalina.core.ApplicationFilterChain.internalDoFilter(ApplicationFilterChain.java:«d3»)\n\t... 42 more\nCaused by: java.io.IOException: Connection reset by peer\n",
    ),
    (
        "python trace",
        "Traceback (most recent call last):\n  File \"/srv/app/.venv/lib/python3.12/site-packages/requests/auth.py\", line «d3», in __call__\n    password = self.password.encode(\"latin1\")\nAttributeError: 'NoneType' object has no attribute 'encode'\n",
    ),
    (
        "node trace",
        "TypeError: Cannot read properties of undefined (reading 'accessToken')\n    at refreshToken (/app/dist/chunk-«B8».js:1:«d5»)\n    at async Promise.all (index 0)\n    at file:///app/node_modules/@auth/core/index.js:102:21\n",
    ),
    (
        "go panic",
        "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x«h2» pc=0x«h6»]\n\ngoroutine 1 [running]:\nmain.(*TokenSource).Token(0x0)\n\t/go/src/app/token.go:«d2» +0x«h2»\nexit status 2\n",
    ),
    (
        "go test",
        "--- FAIL: TestPasswordHash (0.0«d1»s)\n    hash_test.go:31: got $2a$, want $2b$\n--- PASS: TestToken/empty_token (0.00s)\nFAIL\tacme.example/app/auth\t0.4«d2»s\n",
    ),
    (
        "pytest",
        "tests/test_auth.py::TestToken::test_refresh_token[expired] FAILED [ «d2»%]\ntests/test_auth.py::test_password_reset PASSED\nE   assert response.status_code == 200\nE    +  where 401 = <Response [401]>.status_code\n=== 1 failed, 41 passed in 3.«d2»s ===\n",
    ),
    (
        "jest",
        " FAIL  src/login/password.test.tsx\n  ● Password › shows an error for a short password\n\n    expect(received).toBe(expected) // Object.is equality\n\n    Expected: \"Password is too short\"\n    Received: \"\"\n\n      at Object.<anonymous> (src/login/password.test.tsx:«d2»:25)\n",
    ),
    (
        "cargo lock",
        "[[package]]\nname = \"token-source\"\nversion = \"0.1.«d1»\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"«h64»\"\ndependencies = [\n \"secrecy\",\n]\n",
    ),
    (
        "package lock",
        "    \"node_modules/js-tokens\": {\n      \"version\": \"4.0.0\",\n      \"resolved\": \"https://registry.npmjs.org/js-tokens/-/js-tokens-4.0.0.tgz\",\n      \"integrity\": \"sha512-«s86»==\",\n      \"dev\": true\n    },\n",
    ),
    (
        "yarn lock",
        "js-tokens@^4.0.0:\n  version \"4.0.0\"\n  resolved \"https://registry.yarnpkg.com/js-tokens/-/js-tokens-4.0.0.tgz#«h40»\"\n  integrity sha512-«s86»==\n",
    ),
    (
        "pnpm lock",
        "  /@babel/core@7.2«d1».0:\n    resolution: {integrity: sha512-«s86»==}\n    engines: {node: '>=6.9.0'}\n    peerDependencies:\n      '@babel/parser': ^7\n",
    ),
    (
        "poetry lock",
        "[[package]]\nname = \"keyring\"\nversion = \"25.«d1».0\"\nfiles = [\n    {file = \"keyring-25.2.0-py3-none-any.whl\", hash = \"sha256:«h64»\"},\n]\n",
    ),
    ("go sum", "golang.org/x/oauth2 v0.2«d1».0 h1:«s43»=\ngolang.org/x/oauth2 v0.21.0/go.mod h1:«s43»=\n"),
    (
        "nix",
        "error: hash mismatch in fixed-output derivation '/nix/store/«l32»-source.drv':\n         specified: sha256-«s43»=\n            got:    sha256-«s43»=\n",
    ),
    (
        "docker build",
        "#12 [build 4/9] RUN --mount=type=secret,id=npmrc npm ci\n#12 sha256:«h64» 3.14MB / 3.14MB 0.2s done\n#12 CACHED\n => exporting layers\n => writing image sha256:«h64»\n",
    ),
    (
        "docker ps",
        "CONTAINER ID   IMAGE          COMMAND                  CREATED\n«h12»   postgres:16    \"docker-entrypoint.s…\"   3 days ago\n«h12»   redis:7        \"redis-server --save…\"   3 days ago\n",
    ),
    (
        "kubectl",
        "NAME                        READY   STATUS             RESTARTS\napi-«l10»-«l5»       0/1     CrashLoopBackOff   7\nsecret/db-credentials created\nconfigmap/token-settings unchanged\n",
    ),
    (
        "k8s event",
        "Warning  FailedMount  3m  kubelet  MountVolume.SetUp failed for volume \"kube-api-access-«l5»\" : secret \"db-password\" not found\nuid: «h8»-«h4»-4«h3»-a«h3»-«h12»\n",
    ),
    (
        "terraform",
        "  # aws_iam_access_key.ci will be created\n  + resource \"aws_iam_access_key\" \"ci\" {\n      + id                   = (known after apply)\n      + secret               = (sensitive value)\n      + user                 = \"ci\"\n    }\nPlan: 1 to add, 0 to change, 0 to destroy.\n",
    ),
    (
        "ansible",
        "TASK [vault : read the root token] ***\nok: [db-1] => {\"censored\": \"the output has been hidden due to the fact that 'no_log: true' was specified\"}\nPLAY RECAP ***\ndb-1 : ok=«d2» changed=3 unreachable=0\n",
    ),
    (
        "actions",
        "Run actions/checkout@«h40»\n  with:\n    token: ***\n    fetch-depth: 1\n    persist-credentials: true\nSyncing repository: acme/app\n##[debug]Cache key: Linux-node-«h64»\n",
    ),
    (
        "gitlab ci",
        "Running with gitlab-runner 17.0.0 («h8»)\n  on shared-«d2» «a8»\nsection_start:«d10»:prepare_executor\nJob succeeded\n",
    ),
    (
        "uuids",
        "request_id=«h8»-«h4»-4«h3»-9«h3»-«h12» trace=«h32» span=«h16» took 12ms\ncorrelation: «h8»-«h4»-4«h3»-b«h3»-«h12»\n",
    ),
    (
        "nginx",
        "203.0.113.«d2» - - [14/Sep/2025:11:59:30 +0000] \"GET /api/token?grant=refresh HTTP/1.1\" 401 153 \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"\n203.0.113.7 - - [14/Sep/2025:11:59:31 +0000] \"POST /password/reset HTTP/2.0\" 302 0\n",
    ),
    (
        "http headers",
        "< HTTP/2 401\n< date: Sun, 14 Sep 2025 11:59:30 GMT\n< etag: W/\"«h40»\"\n< www-authenticate: Bearer realm=\"api\"\n< x-request-id: «H4»:«h6»:«H7»\n< content-length: 40\n",
    ),
    (
        "curl",
        "* Connected to api.example.com (203.0.113.9) port 443\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n*  subject: CN=api.example.com\n> GET /v1/users?limit=«d2» HTTP/1.1\n> Host: api.example.com\n> Accept: */*\n",
    ),
    (
        "urls",
        "see https://docs.example.com/auth/token#refresh and https://example.com/a/«a22»?page=2\nhttp://localhost:8080/@me and git+ssh://git@example.com/x.git#v1\nhttps://example.com/search?q=password+reset&lang=en\n",
    ),
    (
        "scp",
        "rsync: connection unexpectedly closed\nscp build.tar.gz deploy@host.example.com:/srv/app/releases/«d14»/\nssh://git@git.example.com:2222/acme/app.git\n",
    ),
    (
        "maven",
        "[INFO] Downloading from central: https://repo.maven.apache.org/maven2/org/springframework/security/spring-security-crypto/6.3.«d1»/spring-security-crypto-6.3.1.jar\n[ERROR] Failed to execute goal on project token-service: Could not resolve dependencies\n",
    ),
    (
        "gradle",
        "> Task :auth:compileKotlin FAILED\ne: file:///home/ci/app/auth/src/Token.kt:«d2»:13 Unresolved reference: passwordEncoder\n* What went wrong:\nExecution failed for task ':auth:compileKotlin'.\n",
    ),
    (
        "webpack",
        "asset main.«h20».js 1.2 MiB [emitted] [immutable] [minimized] [big] (name: main)\nasset vendors.«h20».js 812 KiB\nmodules by path ./src/tokens/ 31 KiB\nwebpack 5.9«d1».0 compiled with 1 warning in 8«d3» ms\n",
    ),
    (
        "source map",
        "//# sourceMappingURL=data:application/json;charset=utf-8;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImluZGV4LnRzIl0sIm1hcHBpbmdzIjoiQUFBQSx«a60»\n",
    ),
    (
        "jwt words",
        "the header eyJhbGciOiJIUzI1NiJ9 alone says nothing; eyJ is how each begins, as in eyJhbGci…\nsee jwt.io, a.b.c and «a6».«a5».«a4»\n",
    ),
    (
        "timestamps",
        "2025-09-14T11:59:30.«d6»Z INFO  token refresh scheduled in 3600s\n2025-09-14 11:59:31,«d3» DEBUG password policy: min=12 max=128\n«d13» tick\nSep 14 11:59:32 host sshd[«d5»]: Accepted publickey for ci from 203.0.113.4 port «d5» ssh2: ED25519 SHA256:«s43»\n",
    ),
    (
        "paths",
        "/home/ci/.cache/bazel/_bazel_ci/«h32»/execroot/app/bazel-out/k8-fastbuild/bin/auth/token_test\nC:\\Users\\ci\\AppData\\Local\\Temp\\pip-req-build-«l8»\\setup.py\n./node_modules/.pnpm/@types+node@20.1.0/node_modules\n/run/secrets/db-password\n",
    ),
    (
        "bazel",
        "ERROR: /w/auth/BUILD.bazel:«d2»:13: Testing //auth:token_test failed: (Exit 1): test-setup.sh failed\nTarget //auth:token_test up-to-date\nbytestream://cache.example.com/blobs/«h64»/«d5»\n",
    ),
    (
        "junit xml",
        "<testcase classname=\"com.acme.PasswordTest\" name=\"rejectsShortPassword\" time=\"0.0«d2»\">\n  <failure message=\"expected: &lt;true&gt; but was: &lt;false&gt;\" type=\"AssertionError\"/>\n</testcase>\n<property name=\"token.type\" value=\"bearer\"/>\n",
    ),
    (
        "tap",
        "ok 1 - parses an empty token\nnot ok 2 - password is hashed\n  ---\n  operator: equal\n  expected: true\n  actual:   false\n  at: Test.<anonymous> (/app/test/hash.js:«d2»:5)\n  ...\n",
    ),
    (
        "libtest",
        "running 3 tests\ntest token::tests::a_token_ends_with_its_line ... ok\ntest secret::tests::debug_prints_stars ... FAILED\n\ntest result: FAILED. 2 passed; 1 failed; finished in 0.«d2»s\n",
    ),
    (
        "elixir",
        "** (EXIT from #PID<0.«d3».0>) an exception was raised:\n    ** (KeyError) key :access_token not found in: %{\"token_type\" => \"bearer\", \"expires_in\" => 3600}\n        (app 0.1.0) lib/app/token.ex:«d2»: App.Token.parse/1\n",
    ),
    (
        "ruby",
        "Failure/Error: expect(user.authenticate('wrong')).to be_truthy\n\n  expected: truthy value\n       got: false\n# ./spec/models/user_spec.rb:«d2»:in `block (3 levels) in <top (required)>'\nRandomized with seed «d5»\n",
    ),
];

const MORE: &[(&str, &str)] = &[
    (
        "php",
        "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [1045] Access denied for user 'app'@'10.0.0.«d1»' (using password: YES) in /var/www/src/Db.php:«d2»\nStack trace:\n#0 /var/www/src/Db.php(18): PDO->__construct('mysql:host=db;d...')\n",
    ),
    (
        "dotnet",
        "Unhandled exception. System.Security.Authentication.AuthenticationException: The remote certificate is invalid\n   at System.Net.Security.SslStream.CompleteHandshake(SslAuthenticationOptions options)\n   at Acme.TokenClient.<GetTokenAsync>d__«d2».MoveNext() in /src/TokenClient.cs:line 61\n",
    ),
    (
        "swift",
        "/Users/ci/App/KeychainToken.swift:«d2»:17: error: value of optional type 'String?' must be unwrapped to a value of type 'String'\n    let token: String = keychain[\"session\"]\n                ^\nTest Case '-[AppTests.TokenTests testRefresh]' failed (0.«d3» seconds).\n",
    ),
    (
        "sql",
        "ERROR:  duplicate key value violates unique constraint \"users_pkey\"\nDETAIL:  Key (id)=(«d6») already exists.\nSTATEMENT:  INSERT INTO users (id, password_hash, token_id) VALUES ($1, $2, $3)\nslow query (1«d3» ms): SELECT count(*) FROM api_keys WHERE revoked_at IS NULL\n",
    ),
    (
        "postgres",
        "2025-09-14 11:59:30.«d3» UTC [«d4»] FATAL:  password authentication failed for user \"app\"\n2025-09-14 11:59:30 UTC [31] DETAIL:  Connection matched file \"/var/lib/postgresql/data/pg_hba.conf\" line 128: \"host all all all scram-sha-256\"\n",
    ),
    (
        "redis",
        "1:M 14 Sep 2025 11:59:30.«d3» * DB saved on disk\n1:M 14 Sep 2025 11:59:31.000 # WARNING: no password is set\n-NOAUTH Authentication required.\n",
    ),
    (
        "kafka",
        "[2025-09-14 11:59:30,«d3»] WARN [Consumer clientId=c-«d1», groupId=tokens] Bootstrap broker kafka:9092 (id: -1 rack: null) disconnected\nsasl.mechanism = PLAIN\nssl.keystore.password = null\nssl.key.password = [hidden]\n",
    ),
    (
        "systemd",
        "Sep 14 11:59:30 host systemd[1]: secret-agent.service: Main process exited, code=exited, status=1/FAILURE\nSep 14 11:59:30 host kernel: [«d5».«d6»] oom-kill: task=java,pid=«d4»,uid=1000\n",
    ),
    (
        "dmesg",
        "[    0.«d6»] BIOS-e820: [mem 0x0000000000100000-0x00000000«h8»] usable\n[    1.204311] random: crng init done\n[    2.881200] EXT4-fs (sda1): mounted filesystem «h8»-«h4»-«h4»-«h4»-«h12» r/w\n",
    ),
    (
        "asan",
        "==«d5»==ERROR: AddressSanitizer: heap-use-after-free on address 0x60«h10» at pc 0x55«h10»\nREAD of size 8 at 0x60«h10» thread T0\n    #0 0x55«h10» in token_free /src/lex.c:«d3»:5\n",
    ),
    (
        "valgrind",
        "==«d4»== Invalid read of size 4\n==«d4»==    at 0x«H6»: next_token (lex.c:88)\n==«d4»==  Address 0x«h7» is 0 bytes after a block of size 16 alloc'd\n",
    ),
    (
        "core",
        "Program terminated with signal SIGABRT, Aborted.\n#0  0x00007f«h10» in raise () from /lib64/libc.so.6\n#1  0x000055«h10» in verify_password (hash=0x0, len=32) at auth.c:«d2»\n",
    ),
    (
        "tls",
        "subject=CN = api.example.com\nissuer=C = US, O = Let's Encrypt, CN = R11\nserial=0«H35»\nSHA256 Fingerprint=«H2»:«H2»:«H2»:«H2»:«H2»:«H2»:«H2»:«H2»:«H2»:«H2»:«H2»:«H2»\nVerify return code: 0 (ok)\n",
    ),
    (
        "certificate",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n«s64»\n«s64»\n«s20»\n-----END CERTIFICATE-----\n",
    ),
    (
        "public key",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A«s32»\n«s64»\n-----END PUBLIC KEY-----\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI«s43» ci@host\n",
    ),
    (
        "openapi",
        "components:\n  securitySchemes:\n    bearer:\n      type: http\n      scheme: bearer\n      bearerFormat: JWT\n  schemas:\n    Token:\n      required: [access_token, token_type]\n      properties:\n        access_token: {type: string, maxLength: «d3»}\n        password: {type: string, format: password}\n",
    ),
    (
        "json schema",
        "{\"type\":\"object\",\"properties\":{\"password\":{\"type\":\"string\",\"minLength\":«d2»},\"apiKey\":{\"$ref\":\"#/definitions/apiKey\"},\"secret\":{\"type\":\"boolean\",\"default\":false}}}\n",
    ),
    (
        "i18n",
        "\"password\": \"Passwort\",\n\"password_confirm\": \"Passwort bestätigen\",\n\"token\": \"Zugangscode\",\n\"secret\": \"Geheimnis\",\n\"apiKey\": \"API-Schlüssel\",\n",
    ),
    (
        "yaml config",
        "auth:\n  password: ${DB_PASSWORD}\n  token: {{ .Values.token }}\n  secretName: db-credentials\n  secretKeyRef:\n    name: db\n    key: password\n  tokenTTL: «d4»s\n  tokenFile: /var/run/token\n",
    ),
    (
        "dotenv example",
        "API_KEY=\nDB_PASSWORD=changeme\nSECRET_KEY=your-secret-key-here\nTOKEN=<your token>\nAUTH_TOKEN=xxxxxxxxxxxxxxxx\nPASSWORD=********\nSESSION_SECRET=\"\"\nPORT=«d4»\n",
    ),
    (
        "helm",
        "Error: UPGRADE FAILED: cannot patch \"db\" with kind Secret: Secret \"db\" is invalid: data: Forbidden: field is immutable when `immutable` is set\nREVISION: «d2»\nhelm.sh/chart: app-1.2.3\n",
    ),
    (
        "llm usage",
        "usage: prompt_tokens=«d4» completion_tokens=«d3» total_tokens=«d4»\nmax_tokens: 4096\ntokenizer: bert-base-uncased-v2\n\"token_count\": 12345678, \"tokens_per_second\": 48.«d2»\n",
    ),
    (
        "torch",
        "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 23.«d2» GiB total capacity)\nSome weights of the model checkpoint at bert-base-uncased were not used: ['cls.predictions.bias']\nhf_hub_download() got an unexpected keyword argument 'use_auth_token'\n",
    ),
    (
        "sklearn",
        "sk-learn==1.5.«d1» requires numpy>=1.19.5\nsk-estimators-checks and pypi-simple-index are not installed\nnpm_config_registry npm_lifecycle_event npm_package_version\nhf_transfer glpat glsa key-value key-down\n",
    ),
    (
        "pip",
        "Collecting cryptography==43.0.«d1»\n  Using cached cryptography-43.0.0-cp39-abi3-manylinux_2_28_x86_64.whl.metadata (5.4 kB)\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n    Expected sha256 «h64»\n         Got        «h64»\n",
    ),
    (
        "conda",
        "  keyring            conda-forge/linux-64::keyring-25.2.1-pyha«h7»_0\n  openssl            3.3.«d1»-h«h7»_0\nPreparing transaction: done\n",
    ),
    (
        "apt",
        "Get:«d1» http://deb.debian.org/debian bookworm/main amd64 libsecret-1-0 amd64 0.20.5-3 [41.9 kB]\nSetting up libpam-pwquality:amd64 (1.4.5-1+b1) ...\nW: GPG error: the following signatures couldn't be verified: NO_PUBKEY «H16»\n",
    ),
    (
        "gpg",
        "gpg: Signature made Sun 14 Sep 2025 11:59:30 AM UTC\ngpg:                using EDDSA key «H40»\ngpg: Good signature from \"Ada Tester <ada@example.org>\" [ultimate]\nPrimary key fingerprint: «H4» «H4» «H4» «H4» «H4»  «H4» «H4» «H4» «H4» «H4»\n",
    ),
    (
        "cosign",
        "tlog entry verified with uuid: «h64» index: «d8»\nVerified OK\nsha256:«h64»: Pulling from acme/app\n",
    ),
    (
        "sbom",
        "{\"SPDXID\":\"SPDXRef-Package-«h16»\",\"name\":\"jsonwebtoken\",\"versionInfo\":\"9.0.«d1»\",\"checksums\":[{\"algorithm\":\"SHA1\",\"checksumValue\":\"«h40»\"}]}\n",
    ),
    (
        "cve",
        "┌──────────────┬────────────────┬──────────┐\n│ jsonwebtoken │ CVE-2022-«d5» │ HIGH     │\n│ node-forge   │ CVE-2022-24771 │ MEDIUM   │\n└──────────────┴────────────────┴──────────┘\nGHSA-«l4»-«l4»-«l4»\n",
    ),
    (
        "eslint",
        "/app/src/login.tsx\n  «d2»:7   error  'password' is defined but never used   @typescript-eslint/no-unused-vars\n  88:21  warning  Unexpected any. Specify a different type   @typescript-eslint/no-explicit-any\n✖ 2 problems\n",
    ),
    (
        "tsc",
        "src/auth/token.ts(«d2»,13): error TS2322: Type 'string | undefined' is not assignable to type 'string'.\nsrc/auth/token.ts(44,9): error TS2339: Property 'secretOrKey' does not exist on type 'JwtOptions'.\n",
    ),
    (
        "mypy",
        "app/auth.py:«d2»: error: Argument \"password\" to \"connect\" has incompatible type \"str | None\"; expected \"str\"  [arg-type]\nFound 1 error in 1 file (checked «d2» source files)\n",
    ),
    (
        "coverage",
        "Name                      Stmts   Miss  Cover\napp/token.py                 «d2»      3    96%\napp/password_policy.py       31      0   100%\nTOTAL                      «d4»    112    91%\n",
    ),
    (
        "benchmark",
        "token/parse             time:   [1.2«d2» µs 1.2451 µs 1.2502 µs]\n                        change: [-2.1% -1.0% +0.2%] (p = 0.0«d1» > 0.05)\nsecret/compare          time:   [88.«d2» ns 88.9 ns 89.4 ns]\n",
    ),
    (
        "flags",
        "Usage: deploy [OPTIONS]\n  --token <TOKEN>        the token to use [env: DEPLOY_TOKEN]\n  --password-file <FILE> read the password from a file\n  --api-key KEY          or set API_KEY\n  -u, --user <NAME>      run as [default: «d4»]\n",
    ),
    (
        "docs",
        "Set `GITHUB_TOKEN` to a token with `repo` scope, or run `gh auth login`. The password must be at least 12 characters. Secrets: see [the guide](https://docs.example.com/secrets). Tokens begin with ghp_ or github_pat_, keys with AKIA or sk-. Page «d2».\n",
    ),
    (
        "prose",
        "We could not log in: the token had expired, and the secret was rotated yesterday.\nPassword: see the vault. Key: none. Author: Ada. Auth: required since v«d1».\nOnly admins can see the API key: ask Bob.\n",
    ),
    (
        "cookie banner",
        "Cookie: none\nSet-Cookie: theme=dark; Path=/\nauthorization: required\nAuthorization: Bearer <token>\nAuthorization: Basic ${BASIC}\nWWW-Authenticate: Basic realm=\"«a5»\"\n",
    ),
    (
        "graphql",
        "{\"errors\":[{\"message\":\"Resource not accessible by personal access token\",\"type\":\"FORBIDDEN\",\"path\":[\"createIssue\"],\"locations\":[{\"line\":1,\"column\":«d2»}]}],\"data\":null}\n{\"node_id\":\"I_kwDO«a14»\",\"cursor\":\"Y3Vyc29yOnYyOpK5MjAyNS0wOS0xNFQxMTo1OTozMFrO«a6»\"}\n",
    ),
    (
        "elastic",
        "{\"took\":«d2»,\"_shards\":{\"total\":5},\"hits\":{\"hits\":[{\"_index\":\"logs\",\"_id\":\"«u20»\",\"_score\":1.0,\"_source\":{\"user\":\"ada\",\"auth\":\"basic\"}}]}}\n",
    ),
    (
        "prometheus",
        "# HELP auth_token_refresh_total Tokens refreshed\n# TYPE auth_token_refresh_total counter\nauth_token_refresh_total{result=\"ok\"} «d5»\npassword_reset_seconds_bucket{le=\"0.5\"} «d4»\nprocess_start_time_seconds 1.757«d6»e+09\n",
    ),
    (
        "otel",
        "span.id=«h16» trace.id=«h32» http.route=/oauth/token http.status_code=401\ntraceparent: 00-«h32»-«h16»-01\nbaggage: user=ada\n",
    ),
    (
        "cloudwatch",
        "START RequestId: «h8»-«h4»-«h4»-«h4»-«h12» Version: $LATEST\nREPORT Duration: «d3».12 ms Memory Size: 128 MB\narn:aws:secretsmanager:eu-west-1:«d12»:secret:db/password-«a6»\narn:aws:iam::«d12»:role/deploy\n",
    ),
    (
        "s3",
        "upload: ./dist/app.«h8».js to s3://acme-assets/app.«h8».js\nETag: \"«h32»\"\nx-amz-request-id: «B16»\nx-amz-id-2: «s76»\n",
    ),
    (
        "crypto tests",
        "test vectors: key=«h32» iv=«h24»\nplaintext=00000000000000000000000000000000\nciphertext=«h32»\ntag=«h32»\nok 1 - AES-128-GCM\n",
    ),
    (
        "ipv6",
        "listening on [2001:db8:«h4»:«h4»::«h4»]:443\nmac 02:42:«h2»:«h2»:«h2»:«h2» dev eth0\nDNS: 2001:4860:4860::8888\n",
    ),
    (
        "csv",
        "id,name,sha,created\n1,«l8»,«h40»,2025-09-14\n2,«l8»,«h40»,2025-09-14\n3,token,«h40»,2025-09-15\n",
    ),
    (
        "progress",
        "\r 12% [=>        ] token.bin\r 55% [=====>    ] token.bin\r100% [=========>] token.bin\n\u{1b}[32m✔\u{1b}[0m built in 1.«d2»s\n\u{1b}[1m\u{1b}[33mwarning\u{1b}[0m: unused secret `x`\n",
    ),
    (
        "emoji prose",
        "🎉 Das Passwort wurde geändert. Le jeton a expiré. 密码错误。 «d4»\nПароль: неверный\nトークン: 期限切れ\n",
    ),
];

const CODE: &[(&str, &str)] = &[
    (
        "python code",
        "password = getpass.getpass()\ntoken = os.environ[\"GITHUB_TOKEN\"]\nsecret = config.get(\"secret\", None)\napi_key = settings.API_KEY\nAUTH_TOKEN_URL = \"https://auth.example.com/oauth2/token\"\nif token == expected_token_«d3»:\n    raise ValueError(\"bad token\")\n",
    ),
    (
        "rust code",
        "let token: Token = lexer.next_token()?;\nconst SECRET_NAME: &str = \"db-credentials\";\nfn password(&self) -> &Password { &self.password }\nassert_eq!(token.len(), «d2»);\nmatch key { Key::Secret(s) => s, Key::Public => todo }\n",
    ),
    (
        "js code",
        "const token = req.headers.authorization?.split(' ')[1];\nconst { apiKey, secret } = process.env;\nexport const passwordSchema = z.string().min(«d2»);\nfetch(url, { headers: { Authorization: `Bearer ${token}` } });\n",
    ),
    (
        "java code",
        "private static final String PASSWORD_FIELD = \"password\";\n@Value(\"${app.secret}\") private String secret;\nString token = tokenService.createToken(user, «d4»);\nif (passwordEncoder.matches(raw, user.getPassword())) {\n",
    ),
    (
        "go code",
        "token, err := source.Token()\nif err != nil { return fmt.Errorf(\"token: %w\", err) }\ncfg.Password = os.Getenv(\"DB_PASSWORD\")\nSecret: []byte(os.Getenv(\"SECRET\")),\nAPIKey: cfg.APIKey, // line «d3»\n",
    ),
    (
        "shell code",
        "set -euo pipefail\nTOKEN=$(gh auth token)\nexport PASSWORD=\"$(cat /run/secrets/password)\"\ncurl -H \"Authorization: Bearer $TOKEN\" https://api.example.com/v«d1»\ndocker run -u 1000:1000 -e API_KEY -e SECRET app\ncurl -u \"$USER:$PASS\" https://example.com\n",
    ),
    (
        "sql code",
        "CREATE TABLE api_tokens (id uuid PRIMARY KEY, token_hash bytea NOT NULL, secret_id integer REFERENCES secrets);\nALTER TABLE users ADD COLUMN password_digest varchar(«d3»);\n",
    ),
    (
        "css",
        ".token.string{color:#«h6»}.token.keyword{color:#«h6»}.password-field{width:«d2»0px}\n:root{--accent:#«h6»;--key-size:12px}\n",
    ),
    (
        "html",
        "<input type=\"password\" name=\"password\" autocomplete=\"current-password\" id=\"f«d3»\">\n<label for=\"token\">Token</label><input id=\"token\" placeholder=\"your token\">\n<meta name=\"csrf-param\" content=\"authenticity_token\">\n",
    ),
    (
        "dockerfile",
        "FROM node:20-alpine@sha256:«h64»\nARG NPM_TOKEN\nENV TOKEN_FILE=/run/secrets/token\nRUN --mount=type=secret,id=token cat /run/secrets/token > /dev/null\n",
    ),
    (
        "makefile",
        "TOKEN ?= $(shell cat .token)\nsecret: ; @echo $(SECRET)\ntest: export API_KEY = $(KEY)\ntest-«d2»:\n\tgo test ./auth/...\n",
    ),
    (
        "toml",
        "[auth]\ntoken-ttl = «d4»\nsecret-file = \"/etc/app/secret\"\nkey-type = \"ed25519\"\npublic-key = \"«s43»=\"\nallowed = [\"password\", \"token\"]\n",
    ),
    (
        "regex",
        "const re = /(?:token|secret|password)\\s*[:=]\\s*['\\\"]?([A-Za-z0-9_-]{«d2»,})/gi;\npattern: ghp_[A-Za-z0-9]{36}\npattern: AKIA[0-9A-Z]{16}\npattern: sk_live_[0-9a-zA-Z]{24}\n",
    ),
    (
        "protobuf",
        "message Token { string access_token = 1; int64 expires_at = «d1»; bytes secret = 3; }\nrpc CreateToken(CreateTokenRequest) returns (Token);\n",
    ),
    (
        "wasm",
        "(module (func $token (param $key i32) (result i32) local.get $key i32.const «d4» i32.add))\n0061736d 01000000 «h8» «h8» «h8»\n",
    ),
];
