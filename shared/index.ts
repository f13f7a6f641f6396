// The public entry `corecord/shared`: what server, client and an application's own record types have in common.
export {}
