// The public entry `corecord/server`: its names, one by one.
export {}
