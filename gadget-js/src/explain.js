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

function key( family, word, otherwise ) {
	return WORDS[ family ].includes( word ) ? family + '-' + word : otherwise;
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
 * How a save ended, all in all.
 *
 * @param {Object} result As saving.save gives it.
 * @return {{type: string, key: string, items: string[]}} items: those that this is said of.
 */
function saved( result ) {
	const fate = ( ...fates ) => result.written
		.filter( ( item ) => fates.includes( result.fates[ item ] ) );
	const unclear = fate( 'absent', 'twice', 'unread' );
	const there = fate( 'saved' );
	return unclear.length ? { type: 'warning', key: 'saved-unconfirmed', items: unclear } :
		there.length ? { type: 'success', key: 'saved', items: there } :
			{ type: 'notice', key: result.written.length ? 'saved-overtaken' : 'saved-nothing', items: [] };
}

module.exports = { saved, silence, trouble, unsaved };
