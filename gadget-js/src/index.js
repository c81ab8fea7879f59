/**
 * Entry of the gadget's core: puts the parts together.
 */
'use strict';

const { createMwApp } = require( 'vue' );
const Dialog = require( './dialog.js' );
const page = require( './page.js' );
const service = require( './service.js' );
const wiki = require( './wiki.js' );

let dialog = null;

function mounted() {
	const known = page.read();
	const place = document.body.appendChild( document.createElement( 'div' ) );
	return createMwApp( Dialog, {
		page: known,
		clients: { wiki: wiki.client(), service: service.client( known.service ) }
	} ).mount( place );
}

module.exports = {
	/** Show the dialog, with what it held; the opener gets the focus back. */
	open: ( opener ) => {
		dialog = dialog || mounted();
		dialog.show( opener );
	},
	// what more.js stands on
	messages: require( './messages.js' ),
	page: page
};
