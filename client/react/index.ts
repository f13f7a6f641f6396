// The public entry `corecord/react`: its names, one by one.
export {}
