/**
 * The wiki's API, made of mw.Api, whose jQuery promises refuse with several arguments: code and
 * answer. A native promise that follows one gets the code alone, so each is unwrapped here.
 */
/* global mw */
'use strict';

/** What a message says, without its markup; nothing is carried out. */
function plain( { html } ) {
	const text = html && html[ '*' ] || html;
	return typeof text === 'string' && text ?
		new DOMParser().parseFromString( text, 'text/html' ).body.textContent.trim() : '';
}

/**
 * names: keys of the messages inside, where failed-save keeps its true reason; info: what the last
 * of them says. A limit of requests is told by the status alone.
 */
function refusal( code, data ) {
	const { error = {}, xhr = {} } = data || {};
	const messages = Object.keys( error.messages || [] ).map( ( key ) => error.messages[ key ] )
		.filter( ( one ) => one && typeof one.name === 'string' );
	const own = messages.filter( ( { name } ) => !name.startsWith( 'wikibase-api-' ) ).pop();
	return {
		code: xhr.status === 429 ? 'ratelimited' : String( code ),
		names: messages.map( ( { name } ) => name ),
		info: own && plain( own ) || String( error.info || '' )
	};
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
