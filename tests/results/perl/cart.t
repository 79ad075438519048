use strict;
use warnings;
use utf8;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);
is(0, 0, 'is empty at first');
is(1 + 2, 4, 'adds them');
ok(0, 'größe €');
SKIP: {
    skip 'not on this machine', 2;
    ok(1, 'never');
    ok(1, 'never');
}
TODO: {
    local $TODO = 'still to be written';
    ok(0, 'known');
}
subtest 'with prices' => sub {
    plan tests => 2;
    ok(1, 'one');
    is_deeply({ a => 1 }, { a => 2 }, 'deep');
};
is(undef, 'x', 'C:\\path # with a hash');
ok(0);
done_testing();
