'use strict';

// What ResourceLoader does for a gadget that stands on another one.

const Module = require( 'node:module' );

const CORE = {
	asking: require( '../src/asking.js' ),
	claims: require( '../src/claims.js' ),
	verdicts: require( '../src/verdicts.js' )
};
const load = Module._load;

Module._load = ( name, ...all ) => {
	const isCore = name === 'ext.gadget.suggest-depicts-core';
	return isCore ? CORE : load( name, ...all );
};
