setup() {
  greeting="hello"
}

@test "is empty at first" {
  [ -z "" ]
}

@test "adds them" {
  echo "adding"
  run printf '%s' 3
  [ "$output" = 4 ]
}

@test "größe € # with a hash" {
  echo "# a comment of the test's own" >&3
  false
}

@test "is skipped" {
  skip "not here"
}

@test "is skipped with no word" {
  skip
}

@test "command is not there" {
  no_such_command --flag
}
