<?php
use PHPUnit\Framework\TestCase;

final class CartTest extends TestCase
{
    public function testTotal(): void
    {
        $this->assertSame(3, 1 + 2);
    }

    public function testWrongTotal(): void
    {
        echo "adding\n";
        $this->assertSame(4, 1 + 2, 'the total of größe €');
    }

    /** @dataProvider prices */
    public function testPrice(int $price): void
    {
        $this->assertGreaterThan(0, $price);
    }

    public static function prices(): array
    {
        return ['one' => [1], 'zero' => [0]];
    }

    public function testThrows(): void
    {
        throw new RuntimeException('no rate');
    }

    public function testSkipped(): void
    {
        $this->markTestSkipped('not here');
    }
}
