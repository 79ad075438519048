#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    printf("adding: größe €\n");
    fflush(stdout);
    if (!strcmp(what, "fails")) {
        fprintf(stderr, "cart.c:%d: expected 4, got 3 <&>\n", __LINE__);
        return 1;
    }
    if (!strcmp(what, "skips")) return 77;
    if (!strcmp(what, "crashes")) *(volatile int *)0 = 1;
    if (!strcmp(what, "aborts")) abort();
    if (!strcmp(what, "sleeps")) sleep(10);
    return 0;
}
