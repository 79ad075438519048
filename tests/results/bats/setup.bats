setup_file() {
  echo "no database" >&2
  return 1
}

@test "never gets there" {
  true
}
