/**
 * Below the question whether the service may be asked: what it is not told, and what it keeps.
 */
'use strict';

const { messages } = require( 'ext.gadget.suggest-depicts-core' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsConsent',
	inheritAttrs: false,
	props: {
		page: { type: Object, required: true }
	},
	setup: () => ( { text: messages.text } ),
	template: `
<div class="suggestdepicts-after">
	<p>{{ text( 'consent-not' ) }}</p>
	<p><a :href="page.service + '/#stored'" target="_blank" rel="noopener noreferrer">{{
		text( 'privacy' ) }}</a></p>
	<p class="suggestdepicts-subtle">{{ text( 'consent-once' ) }}</p>
</div>`
};
