/**
 * The button on a file page. Everything else is loaded when it is pressed.
 */
/* global mw */
'use strict';

const CORE = 'ext.gadget.suggest-depicts-core';
const FILE = 6;

mw.messages.set( require( '../i18n/button/en.json' ) );

function made() {
	const button = document.createElement( 'button' );
	button.type = 'button';
	button.id = 'suggest-depicts';
	button.className = 'cdx-button cdx-button--action-progressive suggestdepicts-button';
	button.textContent = mw.message( 'suggest-depicts-button' ).text();
	button.title = mw.message( 'suggest-depicts-button-tip' ).text();
	button.setAttribute( 'aria-haspopup', 'dialog' );
	return button;
}

/** A line beside the button, read out as it changes. */
function line() {
	const told = document.createElement( 'span' );
	told.setAttribute( 'role', 'status' );
	told.style.marginInlineStart = '8px';
	return told;
}

function put() {
	const panel = document.querySelector( '.wbmi-entityview-statementsGroup' ) ||
		document.getElementById( 'mw-imagepage-content' );
	if ( !panel ) {
		return;
	}
	const button = made();
	const told = line();
	const row = panel.parentNode.insertBefore( document.createElement( 'div' ), panel );
	row.style.marginBlock = '8px';
	row.appendChild( button );
	row.appendChild( told );
	button.addEventListener( 'click', () => press( button, told ) );
}

function press( button, told ) {
	if ( button.getAttribute( 'aria-busy' ) ) {
		return;
	}
	told.textContent = mw.message( 'suggest-depicts-button-loading' ).text();
	button.setAttribute( 'aria-busy', 'true' );
	mw.loader.using( CORE ).then( ( require ) => {
		require( CORE ).open( button );
		told.textContent = '';
	} ).then( null, ( error ) => {
		mw.log.error( error );
		told.textContent = mw.message( 'suggest-depicts-button-failed' ).text();
	} ).then( () => button.removeAttribute( 'aria-busy' ) );
}

if (
	mw.config.get( 'wgNamespaceNumber' ) === FILE && mw.config.get( 'wgAction' ) === 'view' &&
	mw.config.get( 'wbEntityId' )
) {
	if ( document.readyState === 'loading' ) {
		document.addEventListener( 'DOMContentLoaded', put );
	} else {
		put();
	}
}
