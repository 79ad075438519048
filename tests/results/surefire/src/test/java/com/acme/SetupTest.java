package com.acme;

import org.junit.jupiter.api.*;

class SetupTest {
    @BeforeAll
    static void connect() {
        throw new IllegalStateException("no database");
    }

    @Test
    void neverGetsThere() {}
}
