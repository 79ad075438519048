package com.acme;

import static org.junit.jupiter.api.Assertions.*;

import java.time.Duration;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CartTest {
    static int tries = 0;

    @Test
    void isEmptyAtFirst() {
        assertEquals(0, 0);
    }

    @Test
    void addsThem() {
        System.out.println("adding");
        System.err.println("on stderr");
        assertEquals(4, 1 + 2, "the total of größe €");
    }

    @Test
    void throwsIt() {
        throw new IllegalStateException("no rate", new RuntimeException("cause"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 0})
    void priceIsPositive(int price) {
        assertTrue(price > 0);
    }

    @Test
    @Disabled("not on this machine")
    void isSkipped() {}

    @Test
    void takesTooLong() {
        assertTimeoutPreemptively(Duration.ofMillis(100), () -> Thread.sleep(5000));
    }

    @Test
    void passesWhenTriedAgain() {
        tries++;
        assertEquals(2, tries);
    }

    @Nested
    class Inner {
        @Test
        void fails() {
            fail("inner");
        }
    }
}
