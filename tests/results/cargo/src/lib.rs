//! Prices.

/// Adds prices.
///
/// ```
/// assert_eq!(shop::total(&[1, 2]), 3);
/// ```
///
/// ```
/// assert_eq!(shop::total(&[1, 2]), 4, "the total of the example");
/// ```
///
/// ```
/// shop::no_such_function();
/// ```
pub fn total(prices: &[i32]) -> i32 {
    prices.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_empty_at_first() {
        assert_eq!(total(&[]), 0);
    }

    #[test]
    fn adds_them() {
        println!("adding");
        eprintln!("on stderr");
        assert_eq!(total(&[1, 2]), 4, "the total of größe €");
    }

    #[test]
    fn fails_with_a_result() -> Result<(), String> {
        Err("no rate for €".to_owned())
    }

    #[test]
    #[should_panic(expected = "negative")]
    fn panics_otherwise() {
        panic!("zero");
    }

    #[test]
    #[should_panic]
    fn does_not_panic() {}

    #[test]
    #[ignore = "needs a network"]
    fn is_ignored() {}

    #[test]
    fn prints_a_fake_summary() {
        println!("test other ... FAILED");
        println!("test result: ok. 99 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        panic!("after the fake summary\nwith a second line");
    }
}
