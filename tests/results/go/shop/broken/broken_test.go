package broken

import "testing"

func TestBroken(t *testing.T) {
	var n int = "no number"
	undefined(n)
}
