#[test]
fn tests_of_both() {
    assert!(shop::total(&[1]) == 2, "timeout while asking");
}

mod tests {
    #[test]
    fn adds_them() {
        assert_eq!(shop::total(&[1, 2]), 5);
    }
}

#[test]
fn passes_when_tried_again() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("tried");
    if !path.exists() {
        std::fs::write(&path, "").unwrap();
        panic!("first try");
    }
}

#[test]
fn writes_past_the_capture() {
    use std::io::Write;
    std::io::stdout().write_all(b"no line end").unwrap();
    std::io::stdout().flush().unwrap();
}
