#[test]
fn aborts() {
    eprintln!("before the abort");
    std::process::abort();
}

#[test]
fn takes_too_long() {
    std::thread::sleep(std::time::Duration::from_secs(if std::env::var_os("NEXTEST").is_some() { 60 } else { 1 }));
}
