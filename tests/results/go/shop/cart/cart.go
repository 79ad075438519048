// Package cart adds prices.
package cart

// Total adds.
func Total(prices ...int) (sum int) {
	for _, p := range prices {
		sum += p
	}
	return sum
}
