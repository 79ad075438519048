package cart

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

func TestEmpty(t *testing.T) {
	if Total() != 0 {
		t.Fatal("not empty")
	}
}

func TestTotal(t *testing.T) {
	fmt.Println("adding")
	t.Log("a line of the log")
	if got := Total(1, 2); got != 4 {
		t.Errorf("Total(1, 2) = %d, want 4", got)
	}
}

func TestMessageOfManyLines(t *testing.T) {
	t.Fatalf("got:\n  größe €\nwant:\n  nothing")
}

func TestPrices(t *testing.T) {
	for _, p := range []int{1, 0, -1} {
		t.Run(fmt.Sprintf("price %d", p), func(t *testing.T) {
			if p <= 0 {
				t.Errorf("price %d is not positive", p)
			}
		})
	}
}

func TestParentFailsToo(t *testing.T) {
	t.Run("child", func(t *testing.T) { t.Error("child fails") })
	t.Error("parent fails")
}

func TestSkipped(t *testing.T) {
	t.Skip("not on this machine")
}

func TestParallel(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		name := name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "b" {
				t.Fatal(errors.New("b timeout"))
			}
		})
	}
}

func TestPrintsNoLineEnd(t *testing.T) {
	fmt.Fprint(os.Stdout, "no line end")
}

func TestCleanup(t *testing.T) {
	t.Cleanup(func() { t.Error("could not close") })
}

func BenchmarkTotal(b *testing.B) {
	for i := 0; i < b.N; i++ {
		Total(1, 2)
	}
}

func ExampleTotal() {
	fmt.Println(Total(1, 2))
	// Output: 4
}

func FuzzTotal(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) {
		if Total(n) != 2 {
			t.Errorf("Total(%d)", n)
		}
	})
}
