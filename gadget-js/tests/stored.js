'use strict';

/** mw.storage, for tests: a browser's, or one that takes nothing. */
module.exports = function stored( full ) {
	const store = new Map();
	global.mw = { storage: {
		getObject: ( key ) => full ? false : JSON.parse( store.has( key ) ? store.get( key ) : null ),
		setObject: ( key, value ) => !full && !!store.set( key, JSON.stringify( value ) )
	} };
	return store;
};
