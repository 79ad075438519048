use strict;
use warnings;
use Test::More;

ok(1, 'one');
BAIL_OUT('the server is gone');
