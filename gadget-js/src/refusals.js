/** What a refusal of the wiki means. Pure. */
'use strict';

/** Codes, or keys of messages inside: "failed-save" keeps its reason there. */
const REASONS = {
	token: 'badtoken',
	login: 'assertuserfailed',
	account: 'assertnameduserfailed',
	conflict: 'edit-conflict editconflict',
	// the MediaInfo was created meanwhile
	created: 'BadRevisionException',
	limited: 'actionthrottledtext ratelimited',
	protected: 'protectedpagetext protectedpage cascadeprotected',
	blocked: 'blockedtext blocked autoblockedtext autoblocked blockedtext-partial',
	group: 'badaccess-groups',
	forbidden: 'permissiondenied writeapidenied',
	readonly: 'readonly',
	maxlag: 'maxlag',
	tag: 'badtags',
	'no-item': 'modification-failed',
	'no-file': 'no-such-entity no-such-file',
	'no-revision': 'nosuchrevid',
	claim: 'invalid-claim invalid-snak',
	post: 'mustpostparams',
	network: 'http',
	// saving.js's own
	strange: 'strange',
	unchecked: 'unchecked',
	changing: 'changing',
	changed: 'changed invalid-guid',
	other: 'failed-save missingparam badvalue abusefilter-disallowed abusefilter-warning'
};

function reasonOf( code ) {
	const known = String( code )
		.replace( /^internal_api_error_(.*\\)?(?=BadRevisionException$)/, '' );
	return Object.keys( REASONS ).find( ( one ) => REASONS[ one ].split( ' ' ).includes( known ) );
}

/** A key of the table, for an error as wiki.js makes it. */
function reason( { code, names } ) {
	return ( names || [] ).concat( code ).map( reasonOf ).find( Boolean ) || 'other';
}

/** Whether an edit was certainly not saved: after a lost answer or an unknown code it may be. */
function isRefusal( { code } ) {
	return ![ undefined, 'network' ].includes( reasonOf( code ) );
}

module.exports = { isRefusal, reason };
