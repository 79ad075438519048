use strict;
use warnings;
use Test::More skip_all => 'needs a network';
