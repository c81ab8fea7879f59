/**
 * Entry of what follows the first sight: the parts of the dialog, and what they do. Each act takes
 * the dialog; it may change whatever dialog.js calls its data.
 */
'use strict';

const core = require( 'ext.gadget.suggest-depicts-core' );
const artwork = require( './artwork.js' );
const flow = require( './flow.js' );
const place = require( './place.js' );
const telling = require( './telling.js' );

const { text } = core.messages;

/** Ask once whether the service may be asked at all; key: of the words for what it is sent. */
function consent( dialog, key = 'consent-sent' ) {
	Object.assign( dialog, {
		step: 'consent',
		part: 'Consent',
		told: {
			type: 'notice', title: text( 'consent' ), again: false,
			text: text( key, dialog.page.service.replace( /^https?:\/\//, '' ) )
		}
	} );
}

function agree( dialog ) {
	place.agree( core.page.AGREED );
	dialog.load();
}

function again( dialog ) {
	dialog.load();
}

/**
 * Say why nothing is suggested; a file that reproduces an artwork is offered to say that instead.
 *
 * @param {Object} dialog
 * @param {Object} answer The service's, or an error as service.js and wiki.js have them.
 * @return {Promise<Object|undefined>} What is shown, an answer or an error; none if late.
 */
function silent( dialog, answer ) {
	const question = dialog.question;
	const instead = answer.reason === 'artwork' ?
		artwork.offer( dialog.clients.wiki, dialog.page ) : Promise.resolve( null );
	return instead.then( ( offer ) => offer || answer, ( error ) => error ).then( ( found ) => {
		if ( dialog.question !== question ) {
			return;
		}
		if ( found.outcome === 'suggested' ) {
			dialog.offer( found );
		} else {
			Object.assign( dialog, { step: 'silent', told: telling.silent( found ) } );
		}
		return found;
	} );
}

/** What a person says against a suggestion, '' for no longer; a way out is shown with it. */
function judge( dialog, item, verdict ) {
	const others = Object.assign( {}, dialog.verdicts );
	delete others[ item ];
	dialog.verdicts = Object.assign( others, verdict ? { [ item ]: verdict } : {} );
	dialog.refining = verdict && verdict !== 'rejected' ? item :
		dialog.refining === item ? '' : dialog.refining;
}

/** An item is approved: nothing is said against it any more, and a save may come soon. */
function picked( dialog, item ) {
	judge( dialog, item, '' );
	// a save waits for it, and tells
	return flow.check( dialog.clients, dialog.page ).catch( () => {} );
}

function search( dialog ) {
	dialog.part = 'Search';
}

/**
 * Take an item that the person found, which is as good as approving it.
 *
 * @param {Object} dialog
 * @param {Object} one
 * @param {string} [of] The suggestion in whose place; it stands below this.
 * @return {Promise}
 */
function take( dialog, one, of ) {
	const items = dialog.cards.map( ( card ) => card.item );
	const at = items.indexOf( of ) + 1 || items.length;
	if ( !items.includes( one.item ) ) {
		dialog.cards = dialog.cards.slice( 0, at ).concat( one, dialog.cards.slice( at ) );
	}
	dialog.rank( one.item, 'normal' );
	dialog.refining = '';
	// not its toggle, which would take the Enter that is still pressed for its own
	return dialog.$nextTick().then( () => dialog.$refs.chips
		.querySelector( '[data-item=' + one.item + '] a' ).focus() );
}

function written( dialog, done ) {
	Object.assign( dialog, {
		step: 'saved', part: 'Outcome', result: done.result,
		told: telling.saved( done.result, dialog.picked )
	} );
	done.told.then( ( told ) => {
		dialog.lost = telling.lost( told );
	} );
}

function unwritten( dialog, error ) {
	const told = telling.unsaved( error );
	Object.assign( dialog, told.again ? { step: 'offer', told: told } :
		{ step: 'uncertain', part: 'Outcome', told: told } );
}

/** Hand in what was said against suggestions; promises what is told, as telling.js has it. */
function tell( { clients, page, answer, verdicts } ) {
	return flow.tell( clients, page, answer, Object.assign( {}, verdicts ) ).then( telling.toldOf );
}

/** Save what is picked as one edit; where nothing is, hand in what was said against it. */
function save( dialog ) {
	const { clients, page, answer } = dialog;
	if ( dialog.picks.length ) {
		const picks = dialog.picks.map( ( one ) => ( { item: one.item, rank: one.rank } ) );
		return flow.save( clients, page, answer, picks, Object.assign( {}, dialog.verdicts ) )
			.then( ( done ) => written( dialog, done ) )
			.catch( ( error ) => unwritten( dialog, error ) );
	}
	return tell( dialog ).then( ( told ) => {
		Object.assign( dialog, { step: 'told', part: '', told: told } );
	} );
}

module.exports = {
	Consent: require( './consent.js' ),
	Outcome: require( './outcome.js' ),
	Refine: require( './refine.js' ),
	Search: require( './search.js' ),
	again, agree, consent, judge, picked, save, search, silent, take,
	// what bulk.js stands on
	place, tell
};
