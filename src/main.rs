//! The program. Everything it does is in the library.

fn main() -> std::process::ExitCode {
    gardener::cli::main()
}
