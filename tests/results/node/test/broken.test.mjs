import { total } from './no-such-file.mjs';
total();
