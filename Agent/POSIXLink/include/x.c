int seed_c;
