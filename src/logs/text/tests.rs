//! Lines of the usual loggers, read.

use super::*;

#[track_caller]
fn is(text: &str, level: Level, service: Option<&str>, message: &str, has_time: bool) {
    let today = "2025-10-01T00:00:00Z".parse().ok();
    let entry = line(text, today);
    assert_eq!(entry.level, Some(level), "{text}");
    assert_eq!(entry.service.as_deref(), service, "{text}");
    assert_eq!(entry.message, message, "{text}");
    let wanted = has_time.then_some("2025-09-14T11:59:30Z");
    assert_eq!(entry.moment.map(|m| m.to_string()).as_deref(), wanted, "{text}");
}

#[test]
fn python() {
    is(
        "2025-09-14 11:59:30,123 - shop.cart - ERROR - no price",
        Level::Error,
        Some("shop.cart"),
        "no price",
        true,
    );
    is(
        "2025-09-14 11:59:30,123 ERROR shop.cart: no price",
        Level::Error,
        Some("shop.cart"),
        "no price",
        true,
    );
    is("ERROR:shop.cart:no price", Level::Error, Some("shop.cart"), "no price", false);
    is("[2025-09-14 11:59:30,123] ERROR in app: no price", Level::Error, Some("app"), "no price", true);
    is("[2025-09-14 11:59:30,123: ERROR/ForkPoolWorker-1] no price", Level::Error, None, "no price", true);
    is(
        "2025-09-14 11:59:30.123 | ERROR    | shop.cart:add:12 - no price",
        Level::Error,
        Some("shop.cart:add:12"),
        "no price",
        true,
    );
}

#[test]
fn php() {
    for time in ["2025-09-14T11:59:30.123456+00:00", "2025-09-14 11:59:30"] {
        let line = format!("[{time}] shop.ERROR: no price: \"x\" {{\"order\":7}} []");
        is(&line, Level::Error, Some("shop"), "no price: \"x\" {\"order\":7}", true);
        is(&format!("[{time}] app.CRITICAL: no price [] []"), Level::Fatal, Some("app"), "no price", true);
    }
    assert_eq!(line("[2025-09-14 11:59:30] app.INFO: fine [] []", None).level, Some(Level::Info));
}

#[test]
fn java_and_rust() {
    is(
        "2025-09-14 11:59:30,123 ERROR [main] com.x.Cart - no price",
        Level::Error,
        Some("com.x.Cart"),
        "no price",
        true,
    );
    is(
        "2025-09-14 11:59:30,123 [http-nio-8080-exec-1] ERROR com.x.Cart - no price",
        Level::Error,
        Some("com.x.Cart"),
        "no price",
        true,
    );
    is(
        "2025-09-14T11:59:30.123Z ERROR 12345 --- [main] c.x.Cart : no price",
        Level::Error,
        Some("c.x.Cart"),
        "no price",
        true,
    );
    is(
        "[2025-09-14T11:59:30Z ERROR shop::cart] no price",
        Level::Error,
        Some("shop::cart"),
        "no price",
        true,
    );
    is(
        "2025-09-14T11:59:30.5Z  WARN shop::cart: no price",
        Level::Warn,
        Some("shop::cart"),
        "no price",
        true,
    );
}

#[test]
fn servers_and_systems() {
    is("2025/09/14 11:59:30 [error] 12#12: *5 open() failed", Level::Error, None, "open() failed", true);
    is("<11>Sep 14 11:59:30 host shop[12]: no price", Level::Error, Some("shop"), "no price", true);
    is("<11>1 2025-09-14T11:59:30Z host shop 12 - - no price", Level::Error, Some("shop"), "no price", true);
    is("Sep 14 11:59:30 host shop[12]: ERROR no price", Level::Error, Some("shop"), "no price", true);
    is(
        "Sep 14 11:59:30 host kernel: [1.5] BUG: unable to handle",
        Level::Fatal,
        Some("kernel"),
        "BUG: unable to handle",
        true,
    );
    is(
        "2025-09-14T11:59:30+0000 host shop[12]: error: no price",
        Level::Error,
        Some("shop"),
        "no price",
        true,
    );
    is("E0914 11:59:30.123456      12 server.go:42] no price", Level::Error, None, "no price", true);
    is("[2025-09-14 11:59:30] ERROR no price", Level::Error, None, "no price", true);
    is("2025-09-14 11:59:30 UTC [123] ERROR:  no price", Level::Error, None, "no price", true);
    is("web-1  | 2025-09-14T11:59:30Z ERROR no price", Level::Error, Some("web"), "no price", true);
    is(
        "time=2025-09-14T11:59:30Z level=error msg=\"no \\\"price\\\"\" component=shop",
        Level::Error,
        Some("shop"),
        "no \"price\"",
        true,
    );
    is("level=error ts=1757851170 err=boom", Level::Error, None, "err=boom", true);
}

#[test]
fn lines_without_a_head() {
    is("panic: boom", Level::Fatal, None, "panic: boom", false);
    is(
        "thread 'main' panicked at src/x.rs:1:2:",
        Level::Fatal,
        None,
        "thread 'main' panicked at src/x.rs:1:2:",
        false,
    );
    is("ERROR no price", Level::Error, None, "no price", false);
    is("Error: no price", Level::Error, None, "no price", false);
    assert_eq!(line("listening on 80", None).level, None);
    assert_eq!(line("an error is no level here", None).level, None);
    assert_eq!(line("2025-09-14 11:59:30 all is well", None).level, None);
}
