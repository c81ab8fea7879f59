/**
 * Which words say what: from codes of the service and the wiki to keys of messages. Pure.
 */
'use strict';

const NOTHING = {
	'not-sure': 'suggest-depicts-nothing-not-sure',
	'too-general': 'suggest-depicts-nothing-too-general',
	'already-there': 'suggest-depicts-nothing-already-there',
	'never-suggest': 'suggest-depicts-nothing-never-suggest',
	'no-label': 'suggest-depicts-nothing-no-label'
};
const SKIPPED = {
	'has-depicts': 'suggest-depicts-skipped-has-depicts',
	redirect: 'suggest-depicts-skipped-redirect',
	deleted: 'suggest-depicts-skipped-deleted',
	'not-an-image': 'suggest-depicts-skipped-not-an-image',
	animated: 'suggest-depicts-skipped-animated',
	'multi-page': 'suggest-depicts-skipped-multi-page',
	'too-small': 'suggest-depicts-skipped-too-small',
	artwork: 'suggest-depicts-skipped-artwork',
	'opted-out': 'suggest-depicts-skipped-opted-out',
	withheld: 'suggest-depicts-skipped-withheld'
};
const TROUBLE = {
	unreachable: 'suggest-depicts-trouble-unreachable',
	timeout: 'suggest-depicts-trouble-timeout',
	limited: 'suggest-depicts-trouble-limited',
	garbage: 'suggest-depicts-trouble-garbage'
};
/** By code, or by the key of a message inside: "failed-save" keeps its reason there. */
const UNSAVED = {
	assertuserfailed: 'suggest-depicts-unsaved-login',
	assertnameduserfailed: 'suggest-depicts-unsaved-login',
	badtoken: 'suggest-depicts-unsaved-login',
	'edit-conflict': 'suggest-depicts-unsaved-conflict',
	editconflict: 'suggest-depicts-unsaved-conflict',
	'internal_api_error_Wikibase\\Lib\\Store\\BadRevisionException':
		'suggest-depicts-unsaved-conflict',
	actionthrottledtext: 'suggest-depicts-unsaved-limited',
	ratelimited: 'suggest-depicts-unsaved-limited',
	protectedpagetext: 'suggest-depicts-unsaved-protected',
	protectedpage: 'suggest-depicts-unsaved-protected',
	blockedtext: 'suggest-depicts-unsaved-blocked',
	blocked: 'suggest-depicts-unsaved-blocked',
	autoblocked: 'suggest-depicts-unsaved-blocked',
	'badaccess-groups': 'suggest-depicts-unsaved-forbidden',
	permissiondenied: 'suggest-depicts-unsaved-forbidden',
	readonly: 'suggest-depicts-unsaved-readonly',
	maxlag: 'suggest-depicts-unsaved-maxlag',
	'modification-failed': 'suggest-depicts-unsaved-no-item',
	'no-such-entity': 'suggest-depicts-unsaved-no-file',
	'no-such-file': 'suggest-depicts-unsaved-no-file',
	nosuchrevid: 'suggest-depicts-unsaved-no-file',
	http: 'suggest-depicts-unsaved-network',
	strange: 'suggest-depicts-unsaved-strange',
	uncertain: 'suggest-depicts-uncertain-why'
};
/** The same words for the same numbers as in the service's gallery. */
const SURE = [
	[ 0.95, 'suggest-depicts-sure-5' ],
	[ 0.85, 'suggest-depicts-sure-4' ],
	[ 0.7, 'suggest-depicts-sure-3' ],
	[ 0.5, 'suggest-depicts-sure-2' ],
	[ 0, 'suggest-depicts-sure-1' ]
];
/** The model says so of itself in the reasons of each suggestion; said once, above them. */
const DEMO = /\bdemo model\b/;

function own( table, name ) {
	return Object.prototype.hasOwnProperty.call( table, name ) ? table[ name ] : null;
}

/**
 * @param {number} confidence 0 to 1.
 * @return {string} Key of the words for it.
 */
function sureness( confidence ) {
	return SURE.filter( ( row ) => confidence >= row[ 0 ] )[ 0 ][ 1 ];
}

/**
 * @param {number} confidence 0 to 1.
 * @return {number} In hundredths; 100 is said only of certainty.
 */
function percent( confidence ) {
	return confidence < 1 ? Math.min( Math.round( confidence * 100 ), 99 ) : 100;
}

/**
 * Why an answer of the service carries no suggestion.
 *
 * @param {Object} answer Its outcome is not "suggested".
 * @return {{type: string, title: string, key: string, parameters: Array, again: boolean}} type as
 *  CdxMessage has it.
 */
function silence( answer ) {
	if ( answer.outcome === 'pending' ) {
		return {
			type: 'notice', title: 'suggest-depicts-pending', key: 'suggest-depicts-pending-why',
			parameters: [ answer.position ], again: true
		};
	}
	if ( answer.outcome === 'failed' ) {
		return {
			type: 'warning', title: 'suggest-depicts-failed', key: 'suggest-depicts-failed-why',
			parameters: [ String( answer.error ) ], again: false
		};
	}
	const skipped = answer.outcome === 'skipped';
	return {
		type: 'notice',
		title: skipped ? 'suggest-depicts-skipped' : 'suggest-depicts-nothing',
		key: own( skipped ? SKIPPED : NOTHING, answer.reason ) || 'suggest-depicts-unexplained',
		parameters: [ String( answer.reason ) ],
		again: false
	};
}

/**
 * Why there is no answer at all.
 *
 * @param {Object} error As service.js makes it; with names, as wiki.js does.
 * @return {Object} As silence() has it.
 */
function trouble( error ) {
	const told = {
		type: 'error', title: 'suggest-depicts-trouble', parameters: [], again: true
	};
	if ( error.names ) {
		return Object.assign( told, {
			key: 'suggest-depicts-trouble-wiki', parameters: [ error.code ]
		} );
	}
	return Object.assign( told, {
		key: own( TROUBLE, error.code ) || 'suggest-depicts-trouble-down',
		parameters: [ error.code === 'limited' ? error.retryAfter : error.detail || error.code ]
	} );
}

/**
 * Why a save did not happen.
 *
 * @param {Object} error As saving.js rejects.
 * @return {Object} As silence() has it; again: whether the picks may be saved once more.
 */
function unsaved( error ) {
	const inner = ( error.names || [] ).filter( ( name ) => own( UNSAVED, name ) )[ 0 ];
	const uncertain = error.code === 'uncertain';
	return {
		type: 'error',
		title: uncertain ? 'suggest-depicts-uncertain' : 'suggest-depicts-unsaved',
		key: own( UNSAVED, inner ) || own( UNSAVED, error.code ) || 'suggest-depicts-unsaved-other',
		parameters: [ error.info || error.code || String( error ) ],
		again: !uncertain
	};
}

/**
 * @param {Object} suggestion
 * @return {string[]} Its reasons, without what is said once for all of them.
 */
function reasons( suggestion ) {
	return suggestion.reasons.filter( ( reason ) => !DEMO.test( reason ) );
}

/**
 * @param {Object[]} suggestions
 * @return {boolean} Whether they are of the small demonstration model.
 */
function isDemo( suggestions ) {
	return suggestions.some( ( one ) => one.reasons.some( ( reason ) => DEMO.test( reason ) ) );
}

module.exports = { isDemo, percent, reasons, silence, sureness, trouble, unsaved };
