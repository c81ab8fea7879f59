/**
 * What a refusal of the wiki means. Pure.
 */
'use strict';

/** By code, or by the key of a message inside: "failed-save" keeps its reason there. */
const REASONS = {
	login: [ 'assertuserfailed', 'assertnameduserfailed', 'badtoken' ],
	conflict: [ 'edit-conflict', 'editconflict' ],
	limited: [ 'actionthrottledtext', 'ratelimited' ],
	protected: [ 'protectedpagetext', 'protectedpage' ],
	blocked: [ 'blockedtext', 'blocked', 'autoblocked' ],
	forbidden: [ 'badaccess-groups', 'permissiondenied', 'writeapidenied' ],
	readonly: [ 'readonly' ],
	maxlag: [ 'maxlag' ],
	'no-item': [ 'modification-failed' ],
	'no-file': [ 'no-such-entity', 'no-such-file', 'nosuchrevid' ],
	network: [ 'http' ],
	strange: [ 'strange' ],
	unchecked: [ 'unchecked' ],
	other: [ 'failed-save', 'badtags', 'invalid-claim', 'invalid-snak', 'missingparam', 'badvalue' ]
};
/** The one internal error that refuses: the MediaInfo was created meanwhile. */
const BAD_REVISION = /^internal_api_error_(.*\\)?BadRevisionException$/;

function reasonOf( code ) {
	return BAD_REVISION.test( code ) ? 'conflict' :
		Object.keys( REASONS ).filter( ( one ) => REASONS[ one ].includes( code ) )[ 0 ];
}

/**
 * @param {{code: string, names: string[]}} error As wiki.js makes it.
 * @return {string} A key of the table.
 */
function reason( error ) {
	const inner = ( error.names || [] ).map( reasonOf ).filter( ( one ) => one )[ 0 ];
	return inner || reasonOf( error.code ) || 'other';
}

/**
 * Whether an edit that ended so was certainly not saved: a lost answer, and a code that we do not
 * know, may come after the saving.
 *
 * @param {{code: string}} error
 * @return {boolean}
 */
function isRefusal( error ) {
	const known = reasonOf( error.code );
	return !!known && known !== 'network';
}

module.exports = { isRefusal, reason };
