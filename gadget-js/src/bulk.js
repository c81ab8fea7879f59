/**
 * Entry of the gadget on a category's page: the dialog goes through its files. What it does beside
 * what more.js does; each act takes the dialog, as there.
 */
'use strict';

const core = require( 'ext.gadget.suggest-depicts-core' );
const more = require( 'ext.gadget.suggest-depicts-more' );
const Above = require( './above.js' );
const Results = require( './results.js' );
const Steps = require( './steps.js' );

const { text } = core.messages;
/** What is so of one file alone; all else would be so of the next one, too. */
const PASSED = [ 'nothing', 'skipped', 'pending', 'failed' ];
/** So many in a row are put into the service's queue by nobody's click. */
const MOST_PENDING = 10;

function consent( dialog ) {
	more.consent( dialog, 'bulk-consent-sent' );
}

/** Keep how it ended for this file. */
function record( dialog, news ) {
	const { page, answer, result, step, told } = dialog;
	dialog.results.push( {
		page, answer, result, news: news || dialog.news, type: told ? told.type : 'notice',
		picked: [ 'saved', 'uncertain' ].includes( step ) ? dialog.picked : []
	} );
	return dialog.results.slice( -1 )[ 0 ];
}

/** A "no" is no skip; nobody waits for its end. */
function handIn( dialog, tell ) {
	if ( Object.keys( dialog.verdicts ).length ) {
		more.tell( dialog ).then( tell );
	}
}

/** Show what became of each file: at the end, or where it was stopped. */
function list( dialog ) {
	const { results, walk } = dialog;
	const count = results.length;
	const title = walk.goesOn ? 'bulk-stopped' : count ? 'bulk-done' : 'bulk-none';
	const saved = results.filter( ( { result } ) => result && Object.keys( result.guids ).length );
	// what is still asked comes too late
	dialog.question = {};
	dialog.reset();
	Object.assign( dialog, {
		step: 'listed', part: 'Results', page: walk.category, stopping: false, told: {
			type: 'notice', title: text( title ), again: false,
			text: count ? text( 'bulk-totals', count, saved.length ) : ''
		}
	} );
	dialog.$nextTick( dialog.focusNews );
}

/** The next file, unless the person wants to stop; also from where it was stopped. */
function next( dialog ) {
	if ( dialog.step !== 'listed' ) {
		dialog.walk.at++;
	}
	if ( dialog.stopping ) {
		list( dialog );
	} else {
		dialog.load();
	}
}

function skip( dialog ) {
	const row = record( dialog, dialog.told ? '' : text( 'bulk-skipped' ) );
	handIn( dialog, ( { type, title } ) => {
		row.news += ' ' + title;
		row.type = row.type === 'notice' ? type : row.type;
	} );
	next( dialog );
}

/** This file will come again. */
function leave( dialog ) {
	const { page } = dialog;
	handIn( dialog, ( { title } ) => {
		if ( dialog.step === 'listed' ) {
			dialog.told.text += ' ' + text( 'about', page.title, title );
		}
	} );
	list( dialog );
}

/** A save under way is finished, and told. */
function stop( dialog ) {
	dialog.stopping = [ 'saving', 'uncertain' ].includes( dialog.step );
	if ( dialog.step === 'uncertain' ) {
		next( dialog );
	} else if ( dialog.step !== 'saving' ) {
		leave( dialog );
	}
}

/** Why nothing is suggested: goes on where that is the file's own matter, else waits here. */
function silent( dialog, answer ) {
	if ( answer.outcome === 'end' ) {
		return list( dialog );
	}
	return more.silent( dialog, answer ).then( ( shown ) => {
		if ( !shown || dialog.step !== 'silent' ) {
			return;
		}
		dialog.pending = shown.outcome === 'pending' ? dialog.pending + 1 : 0;
		if ( PASSED.includes( shown.outcome ) && dialog.pending <= MOST_PENDING ) {
			record( dialog );
			return next( dialog );
		}
		dialog.pending = 0;
		if ( !dialog.page.mid ) {
			dialog.told = {
				type: 'error', title: text( 'bulk-unlisted', shown.info || shown.code ), again: true
			};
		}
	} );
}

/** A refused save waits here with its picks, one whose end is not known with what is said of it. */
function save( dialog ) {
	return more.save( dialog ).then( () => {
		if ( dialog.step === 'offer' ) {
			dialog.stopping = false;
			return;
		}
		if ( dialog.step === 'uncertain' ) {
			dialog.told.text = text( 'bulk-uncertain' );
		}
		record( dialog );
		if ( dialog.step !== 'uncertain' || dialog.stopping ) {
			next( dialog );
		}
	} );
}

// frozen, it is not made reactive
const acts = Object.freeze(
	Object.assign( {}, more, { Above, Results, consent, next, save, silent, skip, stop } ) );

module.exports = { open: core.opening( Steps( acts ) ) };
