/**
 * The wiki's API, made of mw.Api, whose jQuery promises refuse with several arguments: code and
 * answer. A native promise that follows one gets the code alone, so each is unwrapped here.
 */
/* global mw */
'use strict';

/**
 * @param {string} code Of the error: "failed-save" and "http" tell little by themselves.
 * @param {Object} [data] The API's answer, or what is known of the failed request.
 * @return {{code: string, names: string[], info: string}} names: keys of the messages inside,
 *  where failed-save keeps its true reason.
 */
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
 * @param {mw.Api} [api] The page's own wiki where not given.
 * @return {{get: Function, postWithEditToken: Function}} Each takes parameters and returns a
 *  promise of the answer; rejects with { code, names, info }.
 */
function client( api ) {
	const mwApi = api || new mw.Api();
	return {
		get: ( parameters ) => unwrapped( mwApi.get( parameters ) ),
		postWithEditToken: ( parameters ) => unwrapped( mwApi.postWithEditToken( parameters ) )
	};
}

module.exports = { client };
