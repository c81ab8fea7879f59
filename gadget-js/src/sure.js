/**
 * Which words say how sure a suggestion is, and why. Pure.
 */
'use strict';

/** The same words for the same percentages as in the service's gallery. */
const SURE = [
	[ 95, 'sure-5' ], [ 85, 'sure-4' ], [ 70, 'sure-3' ], [ 50, 'sure-2' ], [ 0, 'sure-1' ]
];
/** What a person says against a suggestion, as the service knows it; the key of its words. */
const AGAINST = { rejected: 'no', 'too-general': 'too-general', 'too-specific': 'too-specific' };
/** The model says so of itself in the reasons of each suggestion; said once, above them. */
const DEMO = /\bdemo model\b/;

/** A confidence of 0 to 1 in hundredths, rounded down: never more than is true. */
function percent( confidence ) {
	// 100 * 0.29 is a little less than 29
	return Math.floor( confidence * 100 + 1e-9 );
}

/** Key of the words for the percentage that is shown. */
function sureness( confidence ) {
	return SURE.filter( ( row ) => percent( confidence ) >= row[ 0 ] )[ 0 ][ 1 ];
}

/** Those of a suggestion, without what is said once for all. */
function reasons( suggestion ) {
	return suggestion.reasons.filter( ( reason ) => !DEMO.test( reason ) );
}

/** Whether suggestions are of the small demonstration model. */
function isDemo( suggestions ) {
	return suggestions.some( ( one ) => one.reasons.some( ( reason ) => DEMO.test( reason ) ) );
}

module.exports = { AGAINST, isDemo, percent, reasons, sureness };
