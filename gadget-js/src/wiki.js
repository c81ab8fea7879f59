/**
 * The wiki's API, made of mw.Api, whose jQuery promises refuse with several arguments: code and
 * answer. A native promise that follows one gets the code alone, so each is unwrapped here.
 */
/* global mw */
'use strict';

/** names: keys of the messages inside, where failed-save keeps its true reason. */
function refusal( code, data ) {
	const error = data && data.error || {};
	const messages = error.messages || [];
	const names = Object.keys( messages )
		.map( ( key ) => messages[ key ] && messages[ key ].name )
		.filter( ( name ) => typeof name === 'string' );
	return { code: String( code ), names: names, info: String( error.info || '' ) };
}

function unwrapped( call ) {
	return new Promise( ( resolve, reject ) => {
		call.then( resolve, ( code, data ) => reject( refusal( code, data ) ) );
	} );
}

/**
 * @param {mw.Api} [api]
 * @return {{get: Function, postWithEditToken: Function}} Reject with { code, names, info }.
 */
function client( api ) {
	const mwApi = api || new mw.Api();
	return {
		get: ( asked ) => unwrapped( mwApi.get( asked ) ),
		postWithEditToken: ( asked ) => unwrapped( mwApi.postWithEditToken( asked ) )
	};
}

module.exports = { client };
