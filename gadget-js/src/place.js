/**
 * What the page is told, and where its edits are seen.
 */
/* global mw */
'use strict';

/** Address of what an edit changed. */
function diff( revision ) {
	return mw.util.wikiScript() + '?diff=' + revision;
}

/** Address of a file's page; title: without its namespace. */
function file( { title } ) {
	return mw.util.getUrl( 'File:' + title );
}

/**
 * Remember that this person agrees to ask the service; where that fails, they are asked again on
 * another page.
 *
 * @param {string} key
 */
function agree( key ) {
	if ( mw.user.isNamed() ) {
		mw.user.options.set( key, '1' );
		new mw.Api().saveOption( key, '1' );
	} else {
		mw.storage.set( key, '1' );
	}
}

module.exports = { agree, diff, file };
