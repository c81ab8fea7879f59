/**
 * Entry of the gadget's core: puts the parts together.
 */
'use strict';

const { createMwApp } = require( 'vue' );
const Dialog = require( './dialog.js' );
const page = require( './page.js' );
const service = require( './service.js' );
const wiki = require( './wiki.js' );

function mounted( Component ) {
	const first = page.read();
	const place = document.body.appendChild( document.createElement( 'div' ) );
	return createMwApp( Component, {
		first: first,
		clients: { wiki: wiki.client(), service: service.client( first.service ) }
	} ).mount( place );
}

/** What shows a dialog, with what it held; the opener gets the focus back. */
function opening( Component ) {
	let dialog = null;
	return ( opener ) => {
		dialog = dialog || mounted( Component );
		dialog.show( opener );
	};
}

module.exports = {
	open: opening( Dialog ),
	// what more.js and bulk.js stand on
	Dialog: Dialog,
	asking: require( './asking.js' ),
	claims: require( './claims.js' ),
	messages: require( './messages.js' ),
	opening: opening,
	page: page,
	verdicts: require( './verdicts.js' )
};
