/**
 * Which words say what: from codes of the service and the wiki to keys of messages. Pure.
 */
'use strict';

const refusals = require( './refusals.js' );

/** Each of these has a message: <family>-<word>. */
const WORDS = {
	nothing: [ 'not-sure', 'too-general', 'already-there', 'never-suggest', 'no-label',
		'refused', 'paused' ],
	skipped: [ 'has-depicts', 'redirect', 'deleted', 'not-an-image', 'animated', 'multi-page',
		'too-small', 'artwork', 'opted-out', 'withheld' ],
	trouble: [ 'unreachable', 'timeout', 'limited', 'garbage' ]
};
/** The same words for the same percentages as in the service's gallery. */
const SURE = [
	[ 95, 'sure-5' ],
	[ 85, 'sure-4' ],
	[ 70, 'sure-3' ],
	[ 50, 'sure-2' ],
	[ 0, 'sure-1' ]
];
/** The model says so of itself in the reasons of each suggestion; said once, above them. */
const DEMO = /\bdemo model\b/;

function key( family, word, otherwise ) {
	return WORDS[ family ].includes( word ) ? family + '-' + word : otherwise;
}

/**
 * @param {number} confidence 0 to 1.
 * @return {number} In hundredths, rounded down: never more than is true.
 */
function percent( confidence ) {
	// 100 * 0.29 is a little less than 29
	return Math.floor( confidence * 100 + 1e-9 );
}

/**
 * @param {number} confidence 0 to 1.
 * @return {string} Key of the words for the percentage that is shown.
 */
function sureness( confidence ) {
	return SURE.filter( ( row ) => percent( confidence ) >= row[ 0 ] )[ 0 ][ 1 ];
}

function say( type, title, about, parameter, again ) {
	return { type: type, title: title, key: about, parameters: [ parameter ], again: again };
}

/**
 * Why an answer of the service carries no suggestion.
 *
 * @param {Object} answer Its outcome is not "suggested".
 * @return {{type: string, title: string, key: string, parameters: Array, again: boolean}} type as
 *  CdxMessage has it; again: whether to ask once more.
 */
function silence( answer ) {
	const outcome = answer.outcome;
	if ( outcome === 'pending' || outcome === 'paused' ) {
		return say( 'notice', outcome, outcome + '-why', answer.position || answer.reason, true );
	}
	return outcome === 'failed' ? say( 'warning', 'failed', 'failed-why', answer.error, false ) :
		say( 'notice', outcome, key( outcome, answer.reason, 'unexplained' ), answer.reason, false );
}

/**
 * @param {Object} error As service.js makes it; with names, as wiki.js does.
 * @return {Object} As silence() has it.
 */
function trouble( error ) {
	if ( error.names ) {
		return say( 'error', 'trouble', 'trouble-wiki', error.code, true );
	}
	return say( 'error', 'trouble', key( 'trouble', error.code, 'trouble-down' ),
		error.code === 'limited' ? error.retryAfter : error.detail || error.code, true );
}

/**
 * @param {Object} error As saving.js rejects.
 * @return {Object} As silence() has it; again: whether the picks may be saved once more.
 */
function unsaved( error ) {
	if ( error.code === 'uncertain' ) {
		return say( 'warning', 'uncertain', error.info ? 'uncertain-error' : 'uncertain-why',
			error.info, false );
	}
	return say( 'error', 'unsaved', 'unsaved-' + refusals.reason( error ),
		error.info || error.code || String( error ), true );
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
