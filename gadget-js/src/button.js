/**
 * The button on a file page, and the same in its tools. All else is loaded when it is pressed.
 */
/* global mw */
'use strict';

const CORE = 'ext.gadget.suggest-depicts-core';
const FILE = 6;
/** Above the tabs, so that it is seen beside each of them; else by what there is. */
const PLACES = [
	'.wbmi-tabs-container', '.wbmi-tabs', '.wbmi-entityview-statementsGroup',
	'#mw-imagepage-content'
];

const PACKED = [ 'ar', 'de', 'en', 'es', 'fr' ];
/** The chain of languages needs a further module. */
const own = String( mw.config.get( 'wgUserLanguage' ) ).split( '-' )[ 0 ];

mw.messages.set( require( '../i18n/button/' + ( PACKED.includes( own ) ? own : 'en' ) + '.json' ) );

const text = ( key ) => mw.message( key ).text();

function made() {
	const button = document.createElement( 'button' );
	button.type = 'button';
	button.id = 'suggest-depicts';
	button.className = 'cdx-button cdx-button--action-progressive suggestdepicts-button';
	button.textContent = text( 'suggest-depicts-button' );
	button.title = text( 'suggest-depicts-button-tip' );
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
	const panel = PLACES.map( ( place ) => document.querySelector( place ) )
		.filter( ( found ) => found )[ 0 ];
	if ( !panel ) {
		return;
	}
	const button = made();
	const told = line();
	const row = panel.parentNode.insertBefore( document.createElement( 'div' ), panel );
	row.style.marginBlock = '8px';
	row.appendChild( button );
	row.appendChild( told );
	button.addEventListener( 'click', () => press( button, told, button ) );
	const tool = mw.util.addPortletLink( 'p-tb', '#', text( 'suggest-depicts-button' ), 't-suggest-depicts',
		text( 'suggest-depicts-button-tip' ) );
	if ( tool ) {
		tool.addEventListener( 'click', ( event ) => {
			event.preventDefault();
			press( button, told, tool.querySelector( 'a' ) );
		} );
	}
}

/** opener: what was pressed; the focus comes back to it. */
function press( button, told, opener ) {
	if ( button.getAttribute( 'aria-busy' ) ) {
		return;
	}
	told.textContent = text( 'suggest-depicts-button-loading' );
	button.setAttribute( 'aria-busy', 'true' );
	mw.loader.using( CORE ).then( ( require ) => {
		require( CORE ).open( opener );
		told.textContent = '';
	} ).then( null, ( error ) => {
		mw.log.error( error );
		told.textContent = text( 'suggest-depicts-button-failed' );
		// the tools may be far away
		told.scrollIntoView( { block: 'nearest' } );
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
