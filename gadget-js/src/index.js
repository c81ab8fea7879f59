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

function mounted( button ) {
	const known = page.read();
	const place = document.body.appendChild( document.createElement( 'div' ) );
	return createMwApp( Dialog, {
		page: known,
		clients: { wiki: wiki.client(), service: service.client( known.service ) },
		addresses: { diff: page.diff, login: page.login() },
		opener: button
	} ).mount( place );
}

/**
 * Show the dialog; again after it was closed, with what it held.
 *
 * @param {HTMLElement} button Gets the focus back.
 */
function open( button ) {
	dialog = dialog || mounted( button );
	dialog.show();
}

module.exports = { open };
