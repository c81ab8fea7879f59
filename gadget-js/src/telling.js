/**
 * What is told in the dialog's message: { type, title, text, again }; type as CdxMessage has it.
 */
'use strict';

const { messages } = require( 'ext.gadget.suggest-depicts-core' );
const explain = require( './explain.js' );

const { list, text } = messages;

/** The words alone of what explain.js says. */
function words( said ) {
	return text( said.key, ...said.parameters );
}

function told( said ) {
	return {
		type: said.type, title: text( said.title ), text: words( said ), again: said.again
	};
}

/** Why there are no suggestions: an answer of the service, or an error. */
function silent( answer ) {
	return told( answer.outcome ? explain.silence( answer ) : explain.trouble( answer ) );
}

function unsaved( error ) {
	return told( explain.unsaved( error ) );
}

/** Why a lookup brought nothing. */
function trouble( error ) {
	return words( explain.trouble( error ) );
}

/** Why our own statement was not taken back. */
function kept( error ) {
	return words( explain.unsaved( error ) );
}

/** How a save ended; picked: what was approved. */
function saved( result, picked ) {
	const said = explain.saved( result );
	const labels = picked.filter( ( one ) => said.items.includes( one.item ) )
		.map( ( one ) => one.label );
	return {
		type: said.type, again: false,
		title: text( said.key, said.key === 'saved-unconfirmed' ? list( labels ) :
			labels.length )
	};
}

/** Key of what is said of verdicts that did not arrive, as verdicts.js has it; else ''. */
function lost( arrived ) {
	return arrived ? '' : arrived === null ? 'verdict-lost' : 'verdict-gone';
}

/** How verdicts alone ended. */
function toldOf( arrived ) {
	return {
		type: arrived ? 'success' : 'warning', again: false, title: text( lost( arrived ) || 'told' )
	};
}

module.exports = { kept, lost, saved, silent, toldOf, trouble, unsaved };
