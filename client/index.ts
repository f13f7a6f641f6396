// The public entry `corecord/client`: its names, one by one.
export {}
