/**
 * The button on a file's or a category's page, and in its tools. All else is loaded when pressed.
 */
/* global mw */
'use strict';

const config = ( key ) => mw.config.get( key );
const isFile = config( 'wgNamespaceNumber' ) === 6;
const CORE = 'ext.gadget.suggest-depicts-' + ( isFile ? 'core' : 'bulk' );
/** Above the tabs, to be seen beside each of them; below the heading of a category's files. */
const PLACE = isFile ?
	'.wbmi-tabs-container, .wbmi-tabs, .wbmi-entityview-statementsGroup, #mw-imagepage-content' :
	'#mw-category-media > :nth-child( 2 )';

const PACKED = [ 'ar', 'de', 'en', 'es', 'fr' ];
/** The chain of languages needs a further module. */
const own = String( config( 'wgUserLanguage' ) ).split( '-' )[ 0 ];

mw.messages.set( require( '../i18n/button/' + ( PACKED.includes( own ) ? own : 'en' ) + '.json' ) );

const text = ( key ) => mw.message( key ).text();
const name = text( 'suggest-depicts-button' );
const tip = text( isFile ? 'suggest-depicts-button-tip' : 'suggest-depicts-button-tip-all' );

const made = ( element, more ) => Object.assign( document.createElement( element ), more );

function put() {
	const panel = document.querySelector( PLACE );
	if ( !panel ) {
		return;
	}
	const button = made( 'button', {
		type: 'button', id: 'suggest-depicts', textContent: name, title: tip,
		className: 'cdx-button cdx-button--action-progressive suggestdepicts-button'
	} );
	button.setAttribute( 'aria-haspopup', 'dialog' );
	// read out as it changes
	const told = made( 'span' );
	told.setAttribute( 'role', 'status' );
	told.style.marginInlineStart = '8px';
	const row = panel.parentNode.insertBefore( made( 'div' ), panel );
	row.style.marginBlock = '8px';
	row.appendChild( button );
	row.appendChild( told );
	button.addEventListener( 'click', () => press( button, told, button ) );
	const tool = mw.util.addPortletLink( 'p-tb', '#', name, 't-suggest-depicts', tip );
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
	config( 'wgAction' ) === 'view' &&
	( isFile ? config( 'wbEntityId' ) : config( 'wgNamespaceNumber' ) === 14 )
) {
	if ( document.readyState === 'loading' ) {
		document.addEventListener( 'DOMContentLoaded', put );
	} else {
		put();
	}
}
