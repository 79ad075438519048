package com.acme;

import org.junit.jupiter.api.*;

class CrashTest {
    @Test
    void halts() {
        Runtime.getRuntime().halt(7);
    }
}
